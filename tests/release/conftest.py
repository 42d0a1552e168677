from tests.exported import export_folder, float32_model, serve  # noqa: F401  fixtures
