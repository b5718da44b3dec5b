//! Words that may be shown.

/// Methods of the IANA registry that are met, and those of UPnP (GENA) and of RPC over HTTP.
#[rustfmt::skip]
pub(super) const METHODS: &[&str] = &[
    "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH",
    "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "MKCALENDAR", "MKACTIVITY", "CHECKOUT",
    "CHECKIN", "MERGE", "BIND", "UNBIND", "REBIND", "LINK", "UNLINK", "ACL", "BASELINE-CONTROL", "LABEL",
    "ORDERPATCH", "PRI", "QUERY", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL", "UNCHECKOUT", "MKWORKSPACE",
    "MKREDIRECTREF", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "M-SEARCH", "RPC_IN_DATA", "RPC_OUT_DATA",
];

/// Protocols that an `Upgrade` may name (IANA HTTP upgrade token registry).
pub(super) const UPGRADES: &[&str] = &["websocket", "h2c", "TLS/1.0", "TLS/1.1", "TLS/1.2", "TLS/1.3", "HTTP/2.0"];

/// `fhir/` and each resource type of HL7 FHIR DSTU2 to R5, in the order of their letters.
#[rustfmt::skip]
const RESOURCES: &[&str] = &[
    "fhir/Account", "fhir/ActivityDefinition", "fhir/ActorDefinition", "fhir/AdministrableProductDefinition",
    "fhir/AdverseEvent", "fhir/AllergyIntolerance", "fhir/Appointment", "fhir/AppointmentResponse",
    "fhir/ArtifactAssessment", "fhir/AuditEvent", "fhir/Basic", "fhir/Binary",
    "fhir/BiologicallyDerivedProduct", "fhir/BiologicallyDerivedProductDispense", "fhir/BodySite",
    "fhir/BodyStructure", "fhir/Bundle", "fhir/CapabilityStatement", "fhir/CarePlan", "fhir/CareTeam",
    "fhir/CatalogEntry", "fhir/ChargeItem", "fhir/ChargeItemDefinition", "fhir/Citation", "fhir/Claim",
    "fhir/ClaimResponse", "fhir/ClinicalImpression", "fhir/ClinicalUseDefinition", "fhir/CodeSystem",
    "fhir/Communication", "fhir/CommunicationRequest", "fhir/CompartmentDefinition", "fhir/Composition",
    "fhir/ConceptMap", "fhir/Condition", "fhir/ConditionDefinition", "fhir/Conformance", "fhir/Consent",
    "fhir/Contract", "fhir/Coverage", "fhir/CoverageEligibilityRequest", "fhir/CoverageEligibilityResponse",
    "fhir/DataElement", "fhir/DetectedIssue", "fhir/Device", "fhir/DeviceAssociation", "fhir/DeviceComponent",
    "fhir/DeviceDefinition", "fhir/DeviceDispense", "fhir/DeviceMetric", "fhir/DeviceRequest",
    "fhir/DeviceUsage", "fhir/DeviceUseRequest", "fhir/DeviceUseStatement", "fhir/DiagnosticOrder",
    "fhir/DiagnosticReport", "fhir/DocumentManifest", "fhir/DocumentReference", "fhir/EffectEvidenceSynthesis",
    "fhir/EligibilityRequest", "fhir/EligibilityResponse", "fhir/Encounter", "fhir/EncounterHistory",
    "fhir/Endpoint", "fhir/EnrollmentRequest", "fhir/EnrollmentResponse", "fhir/EpisodeOfCare",
    "fhir/EventDefinition", "fhir/Evidence", "fhir/EvidenceReport", "fhir/EvidenceVariable",
    "fhir/ExampleScenario", "fhir/ExplanationOfBenefit", "fhir/FamilyMemberHistory", "fhir/Flag",
    "fhir/FormularyItem", "fhir/GenomicStudy", "fhir/Goal", "fhir/GraphDefinition", "fhir/Group",
    "fhir/GuidanceResponse", "fhir/HealthcareService", "fhir/ImagingManifest", "fhir/ImagingObjectSelection",
    "fhir/ImagingSelection", "fhir/ImagingStudy", "fhir/Immunization", "fhir/ImmunizationEvaluation",
    "fhir/ImmunizationRecommendation", "fhir/ImplementationGuide", "fhir/Ingredient", "fhir/InsurancePlan",
    "fhir/InventoryItem", "fhir/InventoryReport", "fhir/Invoice", "fhir/Library", "fhir/Linkage", "fhir/List",
    "fhir/Location", "fhir/ManufacturedItemDefinition", "fhir/Measure", "fhir/MeasureReport", "fhir/Media",
    "fhir/Medication", "fhir/MedicationAdministration", "fhir/MedicationDispense", "fhir/MedicationKnowledge",
    "fhir/MedicationOrder", "fhir/MedicationRequest", "fhir/MedicationStatement", "fhir/MedicinalProduct",
    "fhir/MedicinalProductDefinition", "fhir/MessageDefinition", "fhir/MessageHeader", "fhir/MolecularSequence",
    "fhir/NamingSystem", "fhir/NutritionIntake", "fhir/NutritionOrder", "fhir/NutritionProduct",
    "fhir/Observation", "fhir/ObservationDefinition", "fhir/OperationDefinition", "fhir/OperationOutcome",
    "fhir/Order", "fhir/OrderResponse", "fhir/Organization", "fhir/OrganizationAffiliation",
    "fhir/PackagedProductDefinition", "fhir/Parameters", "fhir/Patient", "fhir/PaymentNotice",
    "fhir/PaymentReconciliation", "fhir/Permission", "fhir/Person", "fhir/PlanDefinition", "fhir/Practitioner",
    "fhir/PractitionerRole", "fhir/Procedure", "fhir/ProcedureRequest", "fhir/ProcessRequest",
    "fhir/ProcessResponse", "fhir/Provenance", "fhir/Questionnaire", "fhir/QuestionnaireResponse",
    "fhir/ReferralRequest", "fhir/RegulatedAuthorization", "fhir/RelatedPerson", "fhir/RequestGroup",
    "fhir/RequestOrchestration", "fhir/Requirements", "fhir/ResearchDefinition",
    "fhir/ResearchElementDefinition", "fhir/ResearchStudy", "fhir/ResearchSubject", "fhir/RiskAssessment",
    "fhir/RiskEvidenceSynthesis", "fhir/Schedule", "fhir/SearchParameter", "fhir/Sequence",
    "fhir/ServiceDefinition", "fhir/ServiceRequest", "fhir/Slot", "fhir/Specimen", "fhir/SpecimenDefinition",
    "fhir/StructureDefinition", "fhir/StructureMap", "fhir/Subscription", "fhir/SubscriptionStatus",
    "fhir/SubscriptionTopic", "fhir/Substance", "fhir/SubstanceDefinition", "fhir/SubstanceNucleicAcid",
    "fhir/SubstancePolymer", "fhir/SubstanceProtein", "fhir/SubstanceReferenceInformation",
    "fhir/SubstanceSourceMaterial", "fhir/SubstanceSpecification", "fhir/SupplyDelivery", "fhir/SupplyRequest",
    "fhir/Task", "fhir/TerminologyCapabilities", "fhir/TestPlan", "fhir/TestReport", "fhir/TestScript",
    "fhir/Transport", "fhir/ValueSet", "fhir/VerificationResult", "fhir/VisionPrescription",
];
const FHIR: usize = "fhir/".len();

/// The route of a FHIR resource type, spelt as the standard does.
pub(super) fn resource(name: &[u8]) -> Option<&'static str> {
    let after = |route: &&'static str| route.as_bytes().get(FHIR..).unwrap_or_default();
    let at = RESOURCES.binary_search_by(|route| after(route).cmp(name)).ok()?;
    RESOURCES.get(at).copied()
}

/// The word of a table, whatever its case.
pub(super) fn word(table: &'static [&'static str], name: &[u8]) -> Option<&'static str> {
    table.iter().copied().find(|word| name.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_type_is_found() {
        for route in RESOURCES {
            assert_eq!(resource(&route.as_bytes()[FHIR..]), Some(*route));
        }
        assert_eq!(resource(b"patient"), None);
    }
}
