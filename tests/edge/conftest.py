from tests.exported import (  # noqa: F401  fixtures
    expected,
    export_folder,
    float32_model,
    pixels,
    serve,
)
