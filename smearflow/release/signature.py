"""The signature of a release: Ed25519 of its list of checksums, where a key is given.

The keys are PEM files as OpenSSL makes them, so that a device without this code checks it, too:

    openssl pkeyutl -verify -pubin -inkey PUBLIC.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
"""

import os
from pathlib import Path

from smearflow.edge.checksums import FILE as CHECKSUMS
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes

FILE = f"{CHECKSUMS}.sig"
PRIVATE, PUBLIC = "SMEARFLOW_SIGNING_KEY", "SMEARFLOW_PUBLIC_KEY"  # of the environment


def sign(folder: Path) -> None:
    """Sign the checksums of a folder, if the environment names a private key.

    Raises:
        SmearflowError: that is no key of the kind.
    """
    place = os.environ.get(PRIVATE)
    if place:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(Path(place).read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise _no_key(PRIVATE, place) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _no_key(PRIVATE, place)
        write_bytes(folder / FILE, key.sign((folder / CHECKSUMS).read_bytes()))


def check_signature(folder: Path) -> None:
    """Look whether whoever has the private key signed a folder, if a public key is named.

    Raises:
        SmearflowError: nobody, or another one; or what is named is no key.
    """
    place = os.environ.get(PUBLIC)
    if place:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            key = load_pem_public_key(Path(place).read_bytes())
        except (OSError, ValueError) as error:
            raise _no_key(PUBLIC, place) from error
        if not isinstance(key, Ed25519PublicKey):
            raise _no_key(PUBLIC, place)
        try:
            key.verify((folder / FILE).read_bytes(), (folder / CHECKSUMS).read_bytes())
        except (OSError, InvalidSignature) as error:
            raise SmearflowError(
                f"{folder} is not signed by the key {place}",
                f"use a release that is, or, if you trust it as it is, unset {PUBLIC}",
            ) from error


def _no_key(variable: str, place: str) -> SmearflowError:
    return SmearflowError(
        f"{variable}={place} is no Ed25519 key without a password",
        "make one: openssl genpkey -algorithm ed25519 -out PRIVATE.pem && "
        "openssl pkey -in PRIVATE.pem -pubout -out PUBLIC.pem",
    )
