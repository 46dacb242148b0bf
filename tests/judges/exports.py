"""Reads an export with libraries that we did not write (cloudevents, pyarrow) and the hashes of
Python's own, and holds each field of each event to its leaf, and the leaves to the manifest.

    python3 exports.py FOLDER

Says what it has found, or what is wrong and ends with 1.
"""

import datetime
import hashlib
import json
import pathlib
import sys

EXTENSIONS = {"cloudevents": "cloudevents.jsonl", "parquet": "parquet"}


def sha256(octets):
    return hashlib.sha256(octets).digest()


def hold(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r} is not {expected!r}")


def root(hashes):
    """RFC 6962 §2.1."""
    if len(hashes) == 1:
        return hashes[0]
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return sha256(b"\1" + root(hashes[:left]) + root(hashes[left:]))


def of_cloudevents(path):
    from cloudevents.core.formats.json import JSONFormat
    from cloudevents.core.v1.event import CloudEvent

    for line in path.read_bytes().splitlines():
        event = JSONFormat().read(CloudEvent, line)
        leaf = json.loads(event.get_extension("entleaf"))
        hold("id", event.get_id(), leaf["event_id"])
        hold("source", event.get_source(), f"/journal/{leaf['portail']}/{leaf['annee']}")
        hold("subject", event.get_subject(), f"{leaf['stream']['kind']}/{leaf['stream']['id']}")
        hold("dataschema", event.get_dataschema(), f"urn:ent:evenement:{leaf['type']}:{leaf['version']}")
        hold("datacontenttype", event.get_datacontenttype(), "application/json")
        data = event.get_data()
        yield {
            "position": int(event.get_extension("entposition")),
            "enregistre_le": event.get_time(),
            "type": event.get_type(),
            "empreinte": event.get_extension("entleafhash"),
            "feuille": event.get_extension("entleaf"),
            "charge": event.get_extension("entsealed"),
            "etat": event.get_extension("entstate"),
            "sel": event.get_extension("entsalt"),
            # As it was written: the library gives what it says, not its text.
            "texte": None if data is None else json.dumps(data, ensure_ascii=False, separators=(",", ":")),
        }


def of_parquet(path):
    import pyarrow.parquet

    yield from pyarrow.parquet.read_table(path).to_pylist()


def check(event, position):
    """Gives the hash of its leaf."""
    leaf = json.loads(event["feuille"])
    hashed = sha256(b"\0" + event["feuille"].encode())
    hold("position", event["position"], position)
    hold("empreinte", event["empreinte"], hashed.hex())
    hold("type", event["type"], leaf["type"])
    recorded = datetime.datetime.fromisoformat(leaf["recorded_at"].replace("Z", "+00:00"))
    hold("enregistre_le", event["enregistre_le"], recorded)
    hold("charge", sha256(event["charge"].encode()).hex(), leaf["ct_sha256"])
    opened = event["sel"] is not None and event["texte"] is not None
    hold("etat", event["etat"] in ({"ouvert"} if opened else {"efface", "sante", "ferme"}), True)
    if opened:
        commitment = b"ent-commit-v1\0" + bytes.fromhex(event["sel"]) + event["texte"].encode()
        hold("texte", sha256(commitment).hex(), leaf["commit"])
    return hashed


def main(folder):
    manifest = json.loads((folder / "manifeste.json").read_text())
    read = {"cloudevents": of_cloudevents, "parquet": of_parquet}[manifest["format"]]
    for of in manifest["journaux"]:
        path = folder / f"{of['portail']}-{of['annee']}.{EXTENSIONS[manifest['format']]}"
        events = list(read(path))
        hashes = [check(event, position) for position, event in enumerate(events, of["premiere"])]
        hold("derniere", of["premiere"] + len(events) - 1, of["derniere"])
        hold("racine", root(hashes).hex(), of["racine"])
        contents = sum(event["etat"] == "ouvert" for event in events)
        types = [event["type"] for event in events]
        print(json.dumps({"evenements": len(events), "contenus": contents, "types": types}))


main(pathlib.Path(sys.argv[1]))
