"""The alarms and the dashboard in config: they are what Prometheus reads, and ask for nothing that no server tells."""

import json
import re
import subprocess

import requests
import yaml

from events import Events, post
from server import ROOT, eventually

RULES = ROOT / "config/prometheus-rules.yaml"
DASHBOARD = ROOT / "config/grafana-dashboard.json"
# A server without a Kafka cluster tells none of these: the names stand in the source.
KAFKA = set(re.findall(r'"(eventstreams_kafka_\w+)"', (ROOT / "Sources/Program/eventstreams/MetricsSnapshot.swift").read_text()))


def promtool(*words):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, timeout=60)


def expressions():
    rules = [rule["expr"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return rules, [target["expr"] for panel in panels for target in panel.get("targets", [])]


def test_prometheus_takes_the_alarms_and_raises_them_when_it_should():
    assert (check := promtool("check", "rules", RULES)).returncode == 0, check.stderr
    assert (check := promtool("test", "rules", ROOT / "Tests/EndToEnd/prometheus/rules.test.yaml")).returncode == 0, check.stdout


def test_prometheus_takes_every_expression_of_the_dashboard(tmp_path):
    # What Grafana puts in.
    texts = [text.replace("$__rate_interval", "1m").replace("$instance", ".*") for text in expressions()[1]]
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(texts)]
    file = tmp_path / "panels.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    assert (check := promtool("check", "rules", file)).returncode == 0, check.stderr


def test_every_metric_that_is_asked_for_exists_with_its_labels(server):
    post(server.intake, Events().list(1))
    told = server.metrics()
    names = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE)) | KAFKA | {"up"}
    rules, panels = expressions()
    for text in rules + panels:
        asked = set(re.findall(r"\b(eventstreams_\w+|process_\w+|up)\b(?!=)", re.sub(r'"[^"]*"', "", text)))
        assert asked and asked <= names, text
    # A reason or outcome that is asked for is one that is told.
    for name, label, values in re.findall(r'(eventstreams_\w+)\{(?:instance=~"[^"]*",)?(reason|result)=~?"([^"]+)"', " ".join(rules + panels)):
        for value in values.split("|"):
            assert f'{name}{{{label}="{value}"}}' in told, (name, value)
