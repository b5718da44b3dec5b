#!/usr/bin/env python3
"""Make the DICOM objects the lab sends: invented machines, invented patients, invented pixels. usage: make_objects.py OUTDIR

OUTDIR/ct holds a 24-slice 512x512 16-bit series; beside it stand five small objects of four machines.
"""
import os
import sys

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid

SLICES = 24
CT = "1.2.840.10008.5.1.4.1.1.2"
DX = "1.2.840.10008.5.1.4.1.1.1.1"
US = "1.2.840.10008.5.1.4.1.1.6.1"
SC = "1.2.840.10008.5.1.4.1.1.7"
MACHINES = {  # station: manufacturer, model, software, serial number
    "CT01": ("SIEMENS", "SOMATOM Definition AS", "syngo CT VA48A", "64021"),
    "US02": ("GE Healthcare", "LOGIQS8", "LOGIQS8:R3.2.3", "LS8022"),
    "DX05": ("Carestream Health", "DRX-Evolution", "5.7.412.7", "DX0525"),
}
NOISE = np.random.default_rng(7)


def picture(rows, columns, bits, samples=1):
    """A bright disc on noise."""
    y, x = np.mgrid[0:rows, 0:columns]
    disc = ((x - columns / 2) ** 2 + (y - rows / 2) ** 2 < (min(rows, columns) / 3) ** 2) * (1 << (bits - 3))
    shape = (rows, columns, samples) if samples > 1 else (rows, columns)
    noise = NOISE.integers(0, 1 << (bits - 4), shape)
    values = noise + (disc[..., None] if samples > 1 else disc)
    return values.astype("<u2" if bits > 8 else "u1").tobytes()


def instance(sop_class, modality, station, patient, rows, columns, bits=16, samples=1, syntax=ExplicitVRLittleEndian):
    """An object without pixels. Its order is that of real headers: machine, patient, machine."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = "20261122"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = "090000"
    ds.AccessionNumber = f"ACC{patient:05d}"
    ds.Modality = modality
    manufacturer, model, software, serial = MACHINES[station]
    ds.Manufacturer, ds.ManufacturerModelName, ds.SoftwareVersions = manufacturer, model, software
    ds.DeviceSerialNumber, ds.StationName = serial, station
    ds.InstitutionName = "EXAMPLE HOSPITAL"
    ds.ReferringPhysicianName = "DOCTOR^TEST"
    ds.StudyDescription = "EXAMPLE STUDY"
    ds.PatientName, ds.PatientID = f"TEST^PATIENT{patient}", f"CTT{patient:04d}"
    ds.PatientBirthDate, ds.PatientSex = "19700101", "MF"[patient % 2]
    if modality == "SC":
        ds.ConversionType = "WSD"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.StudyID = f"ST{patient}"
    ds.SeriesNumber = ds.InstanceNumber = 1
    ds.SamplesPerPixel = samples
    ds.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
    if samples == 3:
        ds.PlanarConfiguration = 0
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated = ds.BitsStored = bits
    ds.HighBit, ds.PixelRepresentation = bits - 1, 0
    return ds


def simple(sop_class, modality, station, patient, rows, columns, bits=16, samples=1):
    ds = instance(sop_class, modality, station, patient, rows, columns, bits, samples)
    ds.PixelData = picture(rows, columns, bits, samples)
    ds["PixelData"].VR = "OW" if bits > 8 else "OB"
    return ds


def jpeg_capture():
    """A secondary capture that says it is JPEG; its stream is noise between a JPEG's first and last marker."""
    ds = instance(SC, "OT", "CT01", 12, 64, 64, 8, 3, JPEGBaseline8Bit)
    ds.PixelData = encapsulate([b"\xff\xd8\xff\xe0" + NOISE.bytes(3000) + b"\xff\xd9"])
    ds["PixelData"].is_undefined_length = True
    return ds


def series(folder):
    template = instance(CT, "CT", "CT01", 1, 512, 512)
    for i in range(SLICES):
        ds = template.copy()
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.InstanceNumber = i + 1
        ds.PixelData = picture(512, 512, 12)
        ds["PixelData"].VR = "OW"
        ds.save_as(os.path.join(folder, f"ct{i:02d}.dcm"), enforce_file_format=True)


def main(out):
    os.makedirs(os.path.join(out, "ct"))
    series(os.path.join(out, "ct"))
    for name, ds in {
        "ct_small": simple(CT, "CT", "CT01", 11, 128, 128),
        "ct_scout": simple(CT, "CT", "CT01", 11, 64, 64),
        "us_color": simple(US, "US", "US02", 0, 240, 320, 8, 3),
        "dx_chest": simple(DX, "DX", "DX05", 5, 256, 256),
        "capture_jpeg": jpeg_capture(),
    }.items():
        ds.save_as(os.path.join(out, name + ".dcm"), enforce_file_format=True)


if __name__ == "__main__":
    main(sys.argv[1])
