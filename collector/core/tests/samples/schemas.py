"""Checks exports against the schemas of others: OCSF 1.8.0, CycloneDX 1.6. Exit code 1 with what does not fit.

    python3 schemas.py EVENTS.jsonl BOM.json

Packages: ocsf-json-schema, jsonschema, cyclonedx-python-lib[validation].
"""

import json
import sys

import jsonschema
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

raw = get_ocsf_schema("1.8.0")
# Without profiles: no cloud, no host.
schema = OcsfJsonSchemaEmbedded(raw).get_class_schema("inventory_info")
validator = jsonschema.validators.validator_for(schema)(schema)
faults = 0


def constraints(name, value, where):
    """at_least_one, which the generated schema does not carry."""
    one = raw["objects"][name].get("constraints", {}).get("at_least_one")
    if one and not any(member in value for member in one):
        yield f"{where}: none of {one}"
    for member, inner in value.items():
        attribute = raw["objects"][name]["attributes"].get(member)
        if attribute is None:
            yield f"{where}.{member}: not in the schema"
        elif attribute["type"] == "object_t" and attribute["object_type"] != "object":
            for each in inner if isinstance(inner, list) else [inner]:
                yield from constraints(attribute["object_type"], each, f"{where}.{member}")
        elif "enum" in attribute and str(inner) not in attribute["enum"]:
            yield f"{where}.{member}: not in the enumeration"


for number, line in enumerate(open(sys.argv[1]), 1):
    event = json.loads(line)
    for error in validator.iter_errors(event):
        faults += 1
        print(f"event {number}: {error.json_path}: {error.message[:200]}")
    for member in ("device", "metadata"):
        for why in constraints(member, event[member], member):
            faults += 1
            print(f"event {number}: {why}")

error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[2]).read())
if error:
    faults += 1
    print(f"bom: {str(error)[:600]}")
sys.exit(1 if faults else 0)
