"""What schemathesis must know of our schema, and the contract that it judges by.

Its own check takes any GraphQL error for a fault of the server; ours are refusals with a
code, so it judges by this one: no fault of ours, every error coded, all data of its type.
"""

import schemathesis
from graphql import parse
from graphql.language import FieldNode
from graphql.type import is_abstract_type, is_leaf_type, is_list_type, is_non_null_type
from hypothesis import strategies
from schemathesis.graphql import nodes

NOISE = strategies.text(max_size=8)
SCALARS = {
    "DateTime": strategies.datetimes().map(lambda at: at.isoformat() + "Z"),
    "Decimal": strategies.decimals(-25, 25, places=2).map(str),
    "NaiveDate": strategies.dates().map(str),
    "NaiveTime": strategies.times().map(str),
    "Position": strategies.sampled_from(["0019000c/2026/1", "0019000c/2026/0", "x/-1/9223372036854775807"]),
    "UUID": strategies.uuids().map(str),
}
for name, texts in SCALARS.items():
    schemathesis.graphql.scalar(name, strategies.one_of(texts, texts, NOISE).map(nodes.String))


@schemathesis.check
def contract_holds(_context, response, case):
    assert response.status_code in (200, 400), f"status {response.status_code}"
    answer = response.json()
    for error in answer.get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code and error.get("message"), f"an error without code or sentence: {error}"
        assert code != "ERREUR_INTERNE", f"a fault of the program: {error}"
    assert "data" in answer or answer.get("errors"), "neither data nor errors"
    if answer.get("data") is not None:
        schema = case.operation.schema.client_schema
        operation = parse(case.body).definitions[0]
        root = schema.get_root_type(operation.operation)
        conforms(schema, root, operation.selection_set, answer["data"], operation.operation.value)


def conforms(schema, kind, selections, value, path):
    """Fails unless the value is what the schema says of this selection."""
    if is_non_null_type(kind):
        assert value is not None, f"{path} is null"
        kind = kind.of_type
    if value is None:
        return
    if is_list_type(kind):
        assert isinstance(value, list), f"{path} is no list"
        for rank, item in enumerate(value):
            conforms(schema, kind.of_type, selections, item, f"{path}[{rank}]")
    elif is_leaf_type(kind):
        assert kind.name in SCALARS or kind.parse_value(value) is not None, f"{path}: {value!r} is no {kind}"
    else:
        members(schema, kind, selections, value, path)


def members(schema, kind, selections, value, path):
    """Looks into an object; of an abstract one, into what was selected without condition."""
    for selection in selections.selections:
        if not isinstance(selection, FieldNode):
            condition = schema.get_type(selection.type_condition.name.value)
            if condition == kind or (is_abstract_type(condition) and schema.is_sub_type(condition, kind)):
                members(schema, kind, selection.selection_set, value, path)
            continue
        answered = (selection.alias or selection.name).value
        assert answered in value, f"{path}.{answered} was not answered"
        field = kind.fields.get(selection.name.value)
        if field is not None:
            conforms(schema, field.type, selection.selection_set, value[answered], f"{path}.{answered}")
