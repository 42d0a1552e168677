"""smearflow: from red-blood-cell images to a tested, monitored edge model.

Importing the package switches the telemetry of every tool off, unless the environment says
otherwise: a lab's images and results are nobody else's business. It must happen before those
tools are imported, hence here. So must what keeps them, and every process started, from asking a
proxy for this machine.
"""

import os

from smearflow.ground.proxies import loopback_exempted

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the V2 pages call an analytics host
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
# What decides the last bits of results, so no environment may: sums split over other threads, or
# done by other kernels, round differently. Worker processes of an engine use one thread instead.
ARITHMETIC = {
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_NUM_INTRAOP_THREADS": "2",
    "TF_NUM_INTEROP_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",  # on small matrices more threads only cost time
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)
os.environ.update(ARITHMETIC)
os.environ.update(loopback_exempted(os.environ))
