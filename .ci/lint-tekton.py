"""Checks the documents of a YAML file, and those inside trigger templates, against Tekton's JSON schemas."""

import json
import pathlib
import sys

import jsonschema
import ruamel.yaml

folder, file = map(pathlib.Path, sys.argv[1:])
wrong = checked = 0
documents = list(ruamel.yaml.YAML(typ="safe").load_all(file))
for document in list(documents):
    if document["kind"] == "TriggerTemplate":
        documents += document["spec"]["resourcetemplates"]
for document in documents:
    version = document["apiVersion"].split("/")[1]
    schema = folder / f"{document['kind'].lower()}_{version}.json"
    if not schema.exists():
        continue  # Triggers have no schema there.
    checked += 1
    for error in jsonschema.Draft202012Validator(json.loads(schema.read_text())).iter_errors(document):
        print(f"{file.name}: {document['kind']}: {error.json_path}: {error.message}")
        wrong += 1
if not checked:
    sys.exit(f"{file.name}: no document has a schema")
sys.exit(1 if wrong else 0)
