"""params.yaml as typed, validated, frozen settings: a module per section, so that a stage depends
only on what it reads. An unknown key, a wrong type or a value out of range is an error that names
the key.
"""
