"""What the columns that windows are compared by are called."""

_QUANTITIES = {
    "cell_area": "share of the image that is cell",
    "brightness": "brightness",
    "contrast": "contrast within a cell",
    "sharpness": "sharpness",
    "probability": "predicted probability",
    "doubt": "the model's doubt (mean probability that the nearer class is wrong)",
    "label": "share of cells called positive",
    "embedding": "embedding (how the model sees a cell)",
}


def quantity(name: str) -> str:
    """What a column holds: `blue_mean` is the blue optical density."""
    colour, _, kind = name.partition("_")
    if kind == "mean":
        return f"{colour} optical density"
    if kind == "spread":
        return f"spread of {colour} optical density"
    return _QUANTITIES.get(name, name.replace("_", " "))
