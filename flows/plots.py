"""The page of `dvc plots`, with its drawing library inside: it opens without a network.

DVC's own page has the browser fetch the library (Vega) whenever it is opened. Set-up writes another
template, which holds the library, and tells DVC of it.
"""

from pathlib import Path

import vl_convert

from flows import PROJECT
from flows.store import set_locally
from smearflow.ground.files import write_bytes

_TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{refresh_tag}
<title>DVC plots</title>
<script>VEGA</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def bring_library(project: Path) -> None:
    """Have DVC in a project write pages that hold what draws them."""
    folder, template = project / ".dvc", Path("tmp/plots.html")
    (folder / template).parent.mkdir(exist_ok=True)
    page = _TEMPLATE.replace("VEGA", vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
    write_bytes(folder / template, page.encode())
    set_locally(project, {"plots": {"html_template": str(template)}})


if __name__ == "__main__":
    bring_library(PROJECT)
