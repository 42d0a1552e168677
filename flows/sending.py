"""A private door of Prefect: what sends log lines and events to its server, beside the flows."""


def wait_until_sent(seconds: float) -> None:
    """Wait until Prefect has sent what this process logged and emitted.

    Args:
        seconds: to wait for either at most.
    """
    from prefect.events.worker import EventsWorker  # here, because Prefect takes a second
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=seconds)
