"""Our server with its log in Kafka, and a broker for it."""

import contextlib
import subprocess
import tempfile

from subjects import LOAD_CORE, PATIENCE, SHARED, ValidatingEventStreams, free_port


class KafkaEventStreams(ValidatingEventStreams):
    """Its topics are its own, whoever used the cluster before. `kafka.brokers` must be among the settings."""

    name = "eventstreams on Kafka, validating"

    def __init__(self, directory, **settings):
        super().__init__(directory, **{"kafka.create_topics": "true"} | settings)

    def topic(self, stream):
        return f"{stream}.{self.directory.name}"


@contextlib.contextmanager
def kafka_broker():
    """A Kafka broker's address; None where Kafka is not there. At the end it is stopped and what it stored removed."""
    program = SHARED / "kafka/kafka"
    if not program.exists():
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="eventstreams-kafka-") as directory:
        # It takes the port behind this one as well.
        port = free_port()
        place = ["--dir", f"{directory}/data"]
        try:
            with open(f"{directory}/log", "wb") as log:
                subprocess.run(
                    ["taskset", "-c", LOAD_CORE, program, "start", *place, "--port", str(port)], stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, timeout=2 * PATIENCE, check=True)
            yield f"127.0.0.1:{port}"
        finally:
            # By the process ids that it noted.
            subprocess.run([program, "stop", *place], timeout=PATIENCE, check=True)
