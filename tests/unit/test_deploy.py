"""The files of deploy/ against what there is: commands of the CLI, names of settings, ports, metrics, queues."""

from __future__ import annotations

import configparser
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from services import settings
from services.cli.healthy import healthy
from services.cli.main import SERVICES, main, parser
from services.clock import counts, sweeps
from services.gateway import metrics as gateway_metrics
from services.installation import PURPOSES, USES, Secrets
from services.mail_ingest import handler, refusals
from services.runs import reports as run_reports
from services.worker import mailer
from shared.bus import health
from shared.bus.queues import POLICIES, with_task_queues
from shared.bus.topology import Topology

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"
ALL_YAML = sorted([ROOT / "docker-compose.yml", *DEPLOY.rglob("*.yml"), *DEPLOY.rglob("*.yaml")])


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def filled_in(value: Any) -> str:
    """``${NAME:-default}`` as Compose would fill it in without an .env; what is required gets a secret."""
    text = re.sub(r"\$\{\w+:\?[^}]*\}", SECRET, str(value))
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def valid(environment: dict[str, Any]) -> settings.Settings:
    """Every name is one that is read, and all values are accepted."""
    assert set(environment) <= set(settings.variables())
    return settings.load({name: filled_in(value) for name, value in environment.items()})


@pytest.mark.parametrize("path", ALL_YAML, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_is_yaml(path):
    assert all(isinstance(document, dict) for document in documents(path))


class TestCompose:
    content = documents(ROOT / "docker-compose.yml")[0]
    services = content["services"]
    ours = {name: service for name, service in services.items() if service.get("image") == "parley"}

    def test_it_has_the_five_services_and_what_they_stand_on(self):
        assert set(self.ours) == set(SERVICES)
        assert set(self.services) - set(self.ours) == {"rabbitmq", "mongo", "proxy"}

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_starts_by_a_command_there_is_with_settings_that_are_valid(self, name):
        given = parser().parse_args(self.ours[name]["command"])
        assert (given.command, given.services) == ("start", [name])
        loaded = valid(self.ours[name]["environment"])
        assert loaded.distributed
        assert ("replicaSet=rs0" in loaded.database) == (name != "gateway")

    def test_each_is_told_what_it_uses_and_no_password_is_known_to_others(self):
        told = {name: set(service["environment"]) for name, service in self.ours.items()}
        assert "MONGO_URI" not in told["gateway"]
        assert [name for name in told if "PARLEY_OUTGOING_SMTP" in told[name]] == ["worker"]
        for service in self.services.values():
            for name, value in (service.get("environment") or {}).items():
                if "PASS" in name or "SECRET" in name or "URI" in name:
                    assert ":-" not in str(value), name
                    assert "${" in str(value) or "@" not in str(value), name

    def test_each_has_its_own_keys_and_no_container_the_root_of_all(self, monkeypatch, capsys):
        monkeypatch.setenv("PARLEY_SECRET", SECRET)
        monkeypatch.delenv("PARLEY_CONFIG", raising=False)
        assert main(["keys", "env"]) == 0
        made = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
        for name, service in self.ours.items():
            [wanted] = re.findall(r"\$\{(\w+):\?", service["environment"]["PARLEY_SECRET"])
            secrets = Secrets(made.pop(wanted))
            assert {purpose for purpose in PURPOSES if secrets.has(purpose)} == set(USES[name])
        assert made == {}
        assert "${PARLEY_SECRET:" not in (ROOT / "docker-compose.yml").read_text()

    def test_every_image_is_named_by_version_and_can_be_named_by_digest(self):
        text = (ROOT / "docker-compose.yml").read_text()
        named = dict(re.findall(r"\$\{(\w+_IMAGE):-([^}]+)\}", text))
        assert set(named) == {"PYTHON_IMAGE", "NGINX_IMAGE", "RABBITMQ_IMAGE", "MONGO_IMAGE"}
        assert all(re.fullmatch(r"[a-z]+:\d[\w.-]*", image) for image in named.values())
        for service in self.services.values():
            assert service["image"] == "parley" or service["image"].startswith("${")
        assert f"ARG PYTHON_IMAGE={named['PYTHON_IMAGE']}\n" in (ROOT / "Dockerfile").read_text()

    def test_networks_keep_apart_who_need_not_speak(self):
        on = {name: set(service["networks"]) for name, service in self.services.items()}
        assert on["mongo"] == {"store"}
        assert on["rabbitmq"] == {"bus"}
        assert {name for name in on if "store" in on[name]} == {"mongo", "interview", "worker", "clock", "mail_ingest"}
        assert {name for name in on if "outside" in on[name]} == {"proxy", "worker", "mail_ingest"}
        internal = {name for name, network in self.content["networks"].items() if network and network.get("internal")}
        assert internal == {"front", "bus", "store"}

    def test_everything_has_its_limits(self):
        for name, service in self.services.items():
            assert service["mem_limit"], name
            assert service["pids_limit"], name
            assert "no-new-privileges:true" in service["security_opt"], name

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_is_asked_for_its_health_where_it_tells_it(self, name):
        service = self.ours[name]
        loaded = valid(service["environment"])
        port = loaded.port if name == "gateway" else loaded.health_port
        assert service["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/healthz"
        assert service["healthcheck"]["test"][1:4] == ["python", "-m", "services.cli.healthy"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_waits_for_broker_and_database_is_restarted_and_has_time_to_end(self, name):
        service = self.ours[name]
        healthy = {"condition": "service_healthy"}
        assert service["depends_on"] == {"rabbitmq": healthy, "mongo": healthy}
        assert service["restart"] == "unless-stopped"
        assert int(service["stop_grace_period"].removesuffix("s")) > 10

    def test_nothing_keeps_a_service_from_being_scaled(self):
        for name, service in self.services.items():
            assert "container_name" not in service, name
        assert "ports" not in self.ours["gateway"]
        assert all("_PORT:-" in port for port in self.ours["mail_ingest"]["ports"]), "a range may be said"

    def test_the_world_s_ports_for_mail_are_published(self):
        loaded = valid(self.ours["mail_ingest"]["environment"])
        wanted = [f"${{SMTP_PORT:-25}}:{loaded.smtp_port}", f"${{SMTPS_PORT:-465}}:{loaded.smtp_tls_port}"]
        assert self.ours["mail_ingest"]["ports"] == wanted

    def test_what_listens_is_reachable_from_other_containers(self):
        gateway = valid(self.ours["gateway"]["environment"])
        mail = valid(self.ours["mail_ingest"]["environment"])
        assert (gateway.host, mail.smtp_host, mail.health_host) == ("0.0.0.0",) * 3
        assert self.ours["gateway"]["expose"] == [str(gateway.port)]
        assert mail.smtp_port == 8025

    def test_the_database_is_a_replica_set_that_founds_itself_and_is_healthy_when_it_takes_writes(self):
        mongo = self.services["mongo"]
        assert mongo["command"][:2] == ["--replSet", "rs0"]
        check = mongo["healthcheck"]["test"][-1]
        assert "rs.initiate" in check
        assert "isWritablePrimary" in check

    def test_every_named_volume_is_declared_and_every_file_that_is_mounted_exists(self):
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = filled_in(volume).split(":")[0]
                if source.startswith("./") and source != "./interviews":
                    assert (ROOT / source).is_file(), source
                elif not source.startswith("./"):
                    assert source in self.content["volumes"]


class TestKubernetes:
    folder = DEPLOY / "kubernetes"
    objects = [item for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for item in documents(path)]

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        return {item["metadata"]["name"]: item for item in self.objects if item["kind"] == kind}

    def environment(self) -> dict[str, Any]:
        plain = self.of_kind("ConfigMap")["parley"]["data"]
        secret = dict(self.of_kind("Secret")["parley"]["stringData"])
        assert set(secret.values()) == {""}, "an example holds no secret that somebody might use"
        return {**plain, "PARLEY_SECRET": SECRET, "AMQP_URI": "amqps://broker/", "MONGO_URI": "mongodb://db/parley"}

    def test_each_service_gets_of_the_secret_what_it_uses(self):
        told = {}
        for name, container in self.containers().items():
            assert container["envFrom"] == [{"configMapRef": {"name": "parley"}}]
            told[name] = {one["name"] for one in container["env"]}
            own = f"PARLEY_SECRET_{name.upper().replace('-', '_')}"
            for one in container["env"]:
                key = own if one["name"] == "PARLEY_SECRET" else one["name"]
                assert one["valueFrom"]["secretKeyRef"] == {"name": "parley", "key": key}
            assert set(container["resources"]["limits"]) == {"cpu", "memory", "ephemeral-storage"}, name
        assert told["gateway"] == {"AMQP_URI", "PARLEY_SECRET"}
        assert [name for name in told if "PARLEY_OUTGOING_SMTP" in told[name]] == ["worker"]

    def test_nobody_speaks_to_anybody_but_for_what_is_named(self):
        policies = self.of_kind("NetworkPolicy")
        assert policies["nobody"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        assert "gateway" not in str(policies["database"]["spec"]["podSelector"])
        [ingress] = self.of_kind("Ingress").values()
        assert ingress["spec"]["tls"][0]["hosts"] == [ingress["spec"]["rules"][0]["host"]]

    def test_the_settings_are_valid_and_values_are_texts_as_kubernetes_wants_them(self):
        environment = self.environment()
        assert valid(environment).distributed
        assert all(isinstance(value, str) for value in environment.values())

    def test_there_is_a_deployment_of_each_service_with_its_command(self):
        commands = [container["args"] for container in self.containers().values()]
        assert sorted(parser().parse_args(command).services for command in commands) == sorted(
            [name] for name in SERVICES
        )

    def test_selectors_find_their_pods_and_ports_are_those_of_the_settings(self):
        loaded = valid(self.environment())
        known = {
            "http": loaded.port,
            "health": loaded.health_port,
            "smtp": loaded.smtp_port,
            "smtps": loaded.smtp_tls_port,
        }
        for name, deployment in self.of_kind("Deployment").items():
            pod = deployment["spec"]["template"]
            assert deployment["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
            assert pod["spec"]["enableServiceLinks"] is False, "it would set PARLEY_… variables"
            assert pod["spec"]["terminationGracePeriodSeconds"] > 10
            container = self.containers()[name]
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            assert ports == {port: known[port] for port in ports}
            probe = container["readinessProbe"]["httpGet"]
            assert probe["path"] == "/healthz"
            assert probe["port"] in ports
        for name, service in self.of_kind("Service").items():
            target = self.containers()[service["spec"]["selector"]["service"]]
            names = [port["name"] for port in target["ports"]]
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(names), name

    def test_mail_s_ports_are_published_and_let_through(self):
        [service] = [one for name, one in self.of_kind("Service").items() if name == "mail-ingest"]
        assert [(port["port"], port["targetPort"]) for port in service["spec"]["ports"]] == [
            (25, "smtp"),
            (465, "smtps"),
        ]
        inside = {port["name"]: port["containerPort"] for port in self.containers()["mail-ingest"]["ports"]}
        [rule] = self.of_kind("NetworkPolicy")["mail-in"]["spec"]["ingress"]
        assert {port["port"] for port in rule["ports"]} == {inside["smtp"], inside["smtps"]}

    def test_kustomize_lists_files_that_exist_and_no_secret(self):
        [listed] = [item["resources"] for item in self.objects if item["kind"] == "Kustomization"]
        assert sorted(listed) == sorted(
            path.name
            for path in self.folder.glob("*.yaml")
            if path.name not in ("kustomization.yaml", "secret.example.yaml")
        )

    def containers(self) -> dict[str, dict[str, Any]]:
        return {
            name: deployment["spec"]["template"]["spec"]["containers"][0]
            for name, deployment in self.of_kind("Deployment").items()
        }


def test_the_systemd_unit_starts_a_service_and_gives_it_time_to_end():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "systemd" / "parley@.service")
    service = unit["Service"]
    assert "parley start" in service["ExecStart"]
    assert int(service["TimeoutStopSec"]) > 10
    assert service["Restart"] == "always"


def test_the_example_environment_of_systemd_is_valid():
    lines = (DEPLOY / "systemd" / "parley.env.example").read_text().splitlines()
    environment = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert environment["PARLEY_SECRET"] == ""
    assert valid({**environment, "PARLEY_SECRET": SECRET}).distributed


def test_with_tls_the_proxy_has_what_it_needs():
    [content] = documents(DEPLOY / "compose" / "tls.yml")
    assert set(content["services"]) == {"proxy"}
    mounted = [volume.split(":")[0] for volume in content["services"]["proxy"]["volumes"]]
    assert mounted == ["./deploy/nginx/tls.conf", "./tls"]
    text = (DEPLOY / "nginx" / "tls.conf").read_text()
    assert "proxy_pass http://parley;" in text
    assert "Strict-Transport-Security" in text
    plain = (DEPLOY / "nginx" / "parley.conf").read_text()
    for words in re.findall(r"(?:proxy_set_header|client_\w+|limit_conn) [^;]+;", plain):
        assert words in text, words


class TestNginx:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx" / "parley.conf").read_text())

    def test_blocks_and_statements_are_closed(self):
        depth = 0
        for part in re.findall(r"[{};]|[^{};]+", self.text):
            depth += {"{": 1, "}": -1}.get(part, 0)
            assert depth >= 0
        assert depth == 0
        statements = [line.strip() for line in self.text.splitlines() if line.strip()]
        assert [line for line in statements if line[-1] not in "{};"] == []

    def test_it_leads_to_the_gateways_port_and_holds_no_event_back(self):
        environment = TestCompose.ours["gateway"]["environment"]
        assert f"server gateway:{environment['PARLEY_PORT']} resolve;" in self.text
        [events] = re.findall(r"location = /events \{(.*?)\}", self.text, re.S)
        assert "proxy_buffering off;" in events
        assert environment["PARLEY_TRUSTED_PROXIES"] == "1"

    def test_it_lets_through_what_the_gateway_accepts(self):
        assert f"client_max_body_size {settings.Settings().max_request}m;" in self.text


class TestPrometheus:
    scrapes = {job["job_name"]: job for job in documents(DEPLOY / "prometheus" / "prometheus.yml")[0]["scrape_configs"]}
    rules = documents(DEPLOY / "prometheus" / "alerts.yml")[0]["groups"][0]["rules"]

    def test_it_asks_every_service_on_its_port(self):
        asked = {}
        for job in ("parley", "parley-gateway"):
            for target in self.scrapes[job]["dns_sd_configs"]:
                asked |= dict.fromkeys(target["names"], target["port"])
        assert asked == {name: 8000 if name == "gateway" else 8090 for name in SERVICES}
        assert self.scrapes["rabbitmq"]["static_configs"][0]["targets"] == ["rabbitmq:15692"]
        assert "rabbitmq_prometheus" in (DEPLOY / "rabbitmq" / "enabled_plugins").read_text()

    def test_alerts_use_metrics_that_exist(self):
        named = {metric for rule in self.rules for metric in re.findall(r"\bparley_\w+", rule["expr"])}
        assert named
        source = "".join(
            Path(str(module.__file__)).read_text()
            for module in (health, gateway_metrics, run_reports, mailer, handler, refusals, sweeps, counts)
        )
        for metric in named:
            assert f'"{re.sub(r"_(bucket|count|sum)$", "", metric)}"' in source, metric

    def test_alerts_tell_well_from_failed_by_the_words_that_the_metric_has(self):
        samples = [sample for metric in run_reports.RUNS.collect() for sample in metric.samples]
        known = {
            (sample.labels["what"], sample.labels["ended"]) for sample in samples if sample.name.endswith("_total")
        }
        assert known == {(what, ended) for what in run_reports.WHATS for ended in ("well", "failed")}
        ended = {word for rule in self.rules for word in re.findall(r'ended="(\w+)"', rule["expr"])}
        assert ended == {"well", "failed"}

    def test_alerts_use_queues_that_exist(self):
        topology = Topology(settings.Settings().bus_prefix, with_task_queues(["slow"]))
        [task] = [rule["expr"] for rule in self.rules if rule["alert"] == "TasksWait"]
        [waiting] = re.findall(r'queue=~"([^"]+)"', task)
        waiting = waiting.replace("\\\\", "\\")
        assert [name for name in with_task_queues(["slow"]) if re.fullmatch(waiting, topology.jobs(name).name)] == [
            *("task", "task.slow")
        ]
        [dead] = [rule["expr"] for rule in self.rules if rule["alert"] == "DeadLetters"]
        [pattern] = re.findall(r'queue=~"([^"]+)"', dead)
        pattern = pattern.replace("\\\\", "\\")
        assert all(re.fullmatch(pattern, topology.dead(queue).name) for queue in POLICIES)
        assert not any(re.fullmatch(pattern, topology.jobs(queue).name) for queue in POLICIES)


def test_the_image_is_made_from_the_lock_file_and_starts_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    for lock in ("build", "requirements"):
        assert any("--no-deps" in line and f"--require-hashes -r {lock}.lock" in line for line in lines)
    assert "USER parley" in lines
    assert lines.index("USER parley") < lines.index('ENTRYPOINT ["parley"]')
    [command] = [yaml.safe_load(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD ")]
    assert parser().parse_args(command).command == "run"
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False)])
def test_the_health_check_of_the_image_says_what_the_service_says(status, expected):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert healthy(f"http://127.0.0.1:{server.server_port}/healthz") is expected
        thread.join()
    assert not healthy(f"http://127.0.0.1:{server.server_port}/healthz")
    assert not healthy("nonsense")
