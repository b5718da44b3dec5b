#!/usr/bin/env python3
"""A DICOM client whose every field is a marker. usage: canary_scu.py RIS_IP PACS_IP PLAN"""
import json
import sys

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.pdu_primitives import UserIdentityNegotiation
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelMove,
    Verification,
)


def data_set(values, **more):
    ds = Dataset()
    for key, value in {**values, **more}.items():
        setattr(ds, key, value)
    return ds


def identity(plan):
    """User name and passcode in clear (PS3.7 D.3.3.7, type 2)."""
    item = UserIdentityNegotiation()
    item.user_identity_type = 2
    item.primary_field = plan["user"].encode()
    item.secondary_field = plan["password"].encode()
    return item


def ris(address, plan):
    ae = AE(plan["calling"])
    for service in (ModalityWorklistInformationFind, ModalityPerformedProcedureStep, Verification):
        ae.add_requested_context(service)
    association = ae.associate(address, 104, ae_title="RISMWL", ext_neg=[identity(plan)])
    found = 0
    for status, _ in association.send_c_find(data_set(plan["find"]), ModalityWorklistInformationFind):
        found += bool(status)
    uid = generate_uid()
    create = data_set(plan["mpps"], PerformedProcedureStepStatus="IN PROGRESS", RetrieveAETitle=plan["calling"])
    association.send_n_create(create, ModalityPerformedProcedureStep, uid)
    status, _ = association.send_n_set(
        data_set(plan["set"], PerformedProcedureStepStatus="DISCONTINUED"), ModalityPerformedProcedureStep, uid
    )
    association.release()
    return found, status.Status


def pacs(address, plan):
    """Query, move and a refused association, under the title that the PACS knows."""
    ae = AE("WS01")
    for service in (PatientRootQueryRetrieveInformationModelFind, PatientRootQueryRetrieveInformationModelMove, CTImageStorage):
        ae.add_requested_context(service)
    association = ae.associate(address, 4242, ae_title="MAINPACS")
    query = data_set(plan["find"], QueryRetrieveLevel="PATIENT")
    found = sum(1 for _ in association.send_c_find(query, PatientRootQueryRetrieveInformationModelFind))
    keys = data_set(plan["move"], QueryRetrieveLevel="PATIENT")
    moved = [s.Status for s, _ in association.send_c_move(keys, plan["destination"], PatientRootQueryRetrieveInformationModelMove) if s]
    association.release()
    refused = ae.associate(address, 4242, ae_title=plan["called"])
    return found, moved, refused.is_rejected


def archive(address, plan):
    """The whole data set as the file's bytes."""
    from pynetdicom import _config

    _config.STORE_SEND_CHUNKED_DATASET = True
    ae = AE(plan["calling"])
    ae.add_requested_context(CTImageStorage, "1.2.840.10008.1.2.1")
    association = ae.associate(address, 11112, ae_title="ARCHIVE", ext_neg=[identity(plan)])
    status = association.send_c_store(plan["store"])
    association.release()
    return status.get("Status")


def main():
    with open(sys.argv[3]) as f:
        plan = json.load(f)
    print(json.dumps(dict(ris=ris(sys.argv[1], plan), pacs=pacs(sys.argv[2], plan), archive=archive(sys.argv[2], plan))))


main()
