"""graphqler, told what our scalars look like and how wide our documents may be.

Run in its own environment, with its own arguments. It knows the usual scalars only, and
gives up on every field that has another one among its arguments.
"""

import random
import runpy
import uuid

from graphqler import constants
from graphqler.fuzzer.fengine.materializers import materializer

TEXTS = {
    "DateTime": lambda: "2026-11-23T07:00:00Z",
    "Decimal": lambda: f"{random.randint(0, 20)},5",
    "NaiveDate": lambda: f"2026-11-{random.randint(1, 30):02}",
    "NaiveTime": lambda: f"{random.randint(8, 17):02}:00:00",
    "UUID": lambda: str(uuid.uuid4()),
}

usual = materializer.get_random_scalar


def scalar(name, kind, objects):
    # A cursor or a place in the journal, made up, would refuse every page.
    if kind == "Position" or name == "after":
        return "null"
    if name == "first":
        return "3"
    return f'"{TEXTS[kind]()}"' if kind in TEXTS else usual(name, kind, objects)


materializer.get_random_scalar = scalar
constants.MAX_OUTPUT_SELECTOR_DEPTH = 3
constants.MAX_OBJECT_CYCLES = 2
constants.MAX_FUZZING_ITERATIONS = 2
constants.NO_DATA_COUNT_AS_SUCCESS = False

runpy.run_module("graphqler", run_name="__main__")
