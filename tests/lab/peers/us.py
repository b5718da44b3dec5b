#!/usr/bin/env python3
"""One ultrasound exam of modality US02, made with pynetdicom. usage: us.py RIS_IP PACS_IP IMAGES FILE

Echo, worklist query and MPPS create at the RIS; a C-STORE per image at the PACS; MPPS completed and storage commitment.
"""
import json
import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    StorageCommitmentPushModel,
    Verification,
)

PENDING = 0xFF00
IMPLEMENTATION = ("1.2.840.113619.6.323", "LOGIQS8_1")  # what a scanner of this family announces
STORAGE_COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"


def entity():
    ae = AE("US02")
    ae.implementation_class_uid, ae.implementation_version_name = IMPLEMENTATION
    return ae


def plan(association):
    """Echo, worklist and MPPS create; returns what was answered and the UID of the performed step."""
    answers = {"echo": association.send_c_echo().Status}
    step = Dataset()
    step.Modality = "US"
    step.ScheduledStationAETitle = "US02"
    step.ScheduledProcedureStepStartDate = ""
    query = Dataset()
    query.PatientName = query.PatientID = query.AccessionNumber = ""
    query.ScheduledProcedureStepSequence = [step]
    found = association.send_c_find(query, ModalityWorklistInformationFind)
    answers["mwl"] = sum(1 for status, _ in found if status and status.Status == PENDING)
    performed = Dataset()
    performed.PerformedProcedureStepStatus = "IN PROGRESS"
    performed.PatientName = "TEST^WORKLIST0"
    performed.PatientID = "CTT0000"
    performed.PerformedStationAETitle = "US02"
    performed.Modality = "US"
    uid = generate_uid()
    status, _ = association.send_n_create(performed, ModalityPerformedProcedureStep, uid)
    answers["create"] = status.Status
    return answers, uid


def store(pacs, ds, images):
    """Send the same picture under new UIDs; returns how many were accepted."""
    ds.PatientName = "TEST^WORKLIST0"
    ds.PatientID = "CTT0000"
    ae = entity()
    ae.add_requested_context(ds.SOPClassUID, [ds.file_meta.TransferSyntaxUID])
    association = ae.associate(pacs, 4242, ae_title="MAINPACS")
    accepted = 0
    if association.is_established:
        for i in range(images):
            ds.SOPInstanceUID = generate_uid()
            ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
            ds.InstanceNumber = i + 1
            accepted += association.send_c_store(ds).Status == 0
        association.release()
    return accepted


def complete(association, uid, ds):
    """MPPS set to COMPLETED and a storage commitment request."""
    performed = Dataset()
    performed.PerformedProcedureStepStatus = "COMPLETED"
    status, _ = association.send_n_set(performed, ModalityPerformedProcedureStep, uid)
    reference = Dataset()
    reference.ReferencedSOPClassUID = ds.SOPClassUID
    reference.ReferencedSOPInstanceUID = ds.SOPInstanceUID
    request = Dataset()
    request.TransactionUID = generate_uid()
    request.ReferencedSOPSequence = [reference]
    commitment, _ = association.send_n_action(request, 1, StorageCommitmentPushModel, STORAGE_COMMITMENT_INSTANCE)
    return {"set": status.Status, "commit": commitment.Status if commitment else None}


def main():
    ris, pacs, images, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    ae = entity()
    for service in (ModalityWorklistInformationFind, ModalityPerformedProcedureStep, StorageCommitmentPushModel, Verification):
        ae.add_requested_context(service)
    association = ae.associate(ris, 104, ae_title="RISMWL")
    if not association.is_established:
        sys.exit("no association with the RIS")
    result, uid = plan(association)
    association.release()
    ds = dcmread(path)
    result["stored"] = store(pacs, ds, images)
    association = ae.associate(ris, 104, ae_title="RISMWL")
    if association.is_established:
        result.update(complete(association, uid, ds))
        association.release()
    print(json.dumps(result))


main()
