"""The peer of `make bench-queue`: no-op tasks through Celery, as its users would set it up to lose none."""

import os

from celery import Celery

app = Celery("queue_celery", broker=os.environ["BENCH_AMQP"], backend=os.environ["BENCH_REDIS"])
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_concurrency=2, broker_connection_retry_on_startup=True)


@app.task
def nothing():
    """Does nothing."""
