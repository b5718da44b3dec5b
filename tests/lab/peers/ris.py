#!/usr/bin/env python3
"""RIS: a pynetdicom server for worklist, MPPS, storage commitment and verification. usage: ris.py PORT LOG"""
import json
import os
import sys
import time

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    StorageCommitmentPushModel,
    Verification,
)

SUCCESS, PENDING = 0x0000, 0xFF00
log_file = open(sys.argv[2], "a", buffering=1)


def log(name, event):
    peer = event.assoc.requestor
    log_file.write(json.dumps(dict(t=time.time(), ev=name, peer=peer.ae_title, addr=peer.address)) + "\n")


def canary(event):
    """What to answer the client of the canary phase, and nothing for everybody else."""
    try:
        with open(os.path.join(os.path.dirname(sys.argv[2]), "canary-plan.json")) as f:
            plan = json.load(f)
    except FileNotFoundError:
        return None
    return plan if plan["calling"] == event.assoc.requestor.ae_title else None


def worklist(event):
    """Three scheduled steps, whatever was asked."""
    log("MWL-FIND", event)
    plan = canary(event)
    if plan:
        item = Dataset()
        for key, value in plan["worklist"].items():
            setattr(item, key, value)
        yield PENDING, item
        yield SUCCESS, None
        return
    for i in range(3):
        step = Dataset()
        step.Modality = "US"
        step.ScheduledStationAETitle = "US02"
        step.ScheduledProcedureStepStartDate = "20261122"
        step.ScheduledProcedureStepStartTime = "0900"
        step.ScheduledProcedureStepID = f"SPS{i}"
        item = Dataset()
        item.PatientName = f"TEST^WORKLIST{i}"
        item.PatientID = f"CTT{i:04d}"
        item.AccessionNumber = f"ACC{i:05d}"
        item.StudyInstanceUID = f"1.2.826.0.1.3680043.8.498.77.{i}"
        item.ScheduledProcedureStepSequence = [step]
        yield PENDING, item
    yield SUCCESS, None


def create(event):
    log("MPPS-CREATE", event)
    return SUCCESS, event.attribute_list


def set_attributes(event):
    log("MPPS-SET", event)
    plan = canary(event)
    if plan:
        status = Dataset()
        status.Status, status.ErrorComment = 0x0110, plan["comment"]
        return status, None
    return SUCCESS, event.modification_list


def action(event):
    log("STGCMT-ACTION", event)
    return SUCCESS, None


def accepted(event):
    log("ASSOCIATE", event)


def echo(event):
    log("ECHO", event)
    return SUCCESS


ae = AE("RISMWL")
ae.require_called_aet = True
for service in (ModalityWorklistInformationFind, ModalityPerformedProcedureStep, Verification, StorageCommitmentPushModel):
    ae.add_supported_context(service)
ae.start_server(
    ("0.0.0.0", int(sys.argv[1])),
    evt_handlers=[
        (evt.EVT_ACCEPTED, accepted),
        (evt.EVT_C_FIND, worklist),
        (evt.EVT_N_CREATE, create),
        (evt.EVT_N_SET, set_attributes),
        (evt.EVT_N_ACTION, action),
        (evt.EVT_C_ECHO, echo),
    ],
)
