"""A backbone from the network is taken on trust once; from then on its content is pinned."""

from pathlib import Path

from flows.editing import with_values
from flows.settings import set_in_profile, settings_file
from smearflow.ground.files import write_bytes
from smearflow.model.hub import CACHE, find_module, is_url, module_hash, require_pin
from smearflow.params.whole import load_params


def pin_backbone(project: Path, profile: str, root: Path) -> None:
    """Fetch a backbone that nothing pins, and set the hash of what came, for this run and later.

    Whatever lies on this machine, or is pinned already, stays as it is.

    Args:
        profile: gets the hash too, where the backbone is its own.
        root: where the run works.

    Raises:
        SmearflowError: it can't be fetched, or the settings don't say that it is taken on trust.
    """
    params, own = root / "params.yaml", settings_file(project, profile)
    settings = load_params(params)
    url, model = settings.model.backbone, settings.model
    if not is_url(url) or model.backbone_sha256 or settings.locations.get("backbone"):
        return
    require_pin(url, model)
    pin = [("model.backbone_sha256", module_hash(find_module(url, root / CACHE)))]
    write_bytes(params, with_values(params.read_text(), pin).encode())
    kept = params
    if load_params(own).model.backbone == url:
        kept = set_in_profile(project, profile, pin)
    print(
        f"backbone {url} came with the hash {pin[0][1]}: model.backbone_sha256 in {kept} "
        "refuses anything else from now on",
        flush=True,
    )
