import pytest

from smearflow.conversion.operations import (
    Operation,
    first_layers,
    last_layer,
    of_kinds,
    refused,
)

CHAIN = [
    Operation("MUL", "scale"),
    Operation("CONV_2D", "first", 10),
    Operation("HARD_SWISH", "swish"),
    Operation("DEPTHWISE_CONV_2D", "second", 10),
    Operation("CONV_2D", "third", 80),
]


@pytest.mark.parametrize(
    ("found", "share", "names"),
    [
        (CHAIN, 0.0, ["scale", "first", "swish"]),
        (CHAIN, 0.19, ["scale", "first", "swish"]),
        (CHAIN, 0.2, ["scale", "first", "swish", "second"]),
        (CHAIN, 1.0, ["scale", "first", "swish", "second", "third"]),
        (CHAIN[1:], 0.0, ["first", "swish"]),
        (CHAIN[:3], 0.5, []),
        ([Operation("FULLY_CONNECTED", "dense", 4)], 0.5, []),
        ([], 0.5, []),
    ],
)
def test_first_layers_hold_a_share_of_the_weights(
    found: list[Operation], share: float, names: list[str]
) -> None:
    assert first_layers(found, share) == names


def test_the_last_layer_goes_to_the_end() -> None:
    assert last_layer([*CHAIN, Operation("SOFTMAX", "result")]) == ["third", "result"]
    assert last_layer(CHAIN[:3]) == []
    assert last_layer([]) == []


def test_operations_of_kinds() -> None:
    assert of_kinds(CHAIN, ["HARD_SWISH", "MUL"]) == ["scale", "swish"]


def test_what_the_kernels_refuse() -> None:
    found = [Operation("CONV_2D", "fine", 9, 255.9), Operation("CONV_2D", "silent", 9, 256.0)]
    assert refused(found) == ["silent"]
