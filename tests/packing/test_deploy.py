"""What ``Dockerfile``, ``.dockerignore`` and ``deploy/`` promise, without an engine or a cluster.

Kubernetes manifests are held against the schemas that Kubernetes publishes (in kubernetes-validate), the
Knative one against a strict shape of our own and, for its containers, the same published schema.
"""

from __future__ import annotations

import copy
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate.utils
import pytest
import yaml

import yourl
from tests.packing import dockerfile
from yourl import settings
from yourl.app import create_app

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
MANIFESTS = ("deployment.yaml", "service.yaml", "hpa.yaml", "pdb.yaml")
OLDEST = (1, 30)  # the first with lifecycle.preStop.sleep on by default (KEP-3960)
VERSIONS = [
    version
    for version in kubernetes_validate.utils.all_versions()
    if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST
]
FREE_KEYS = ("labels.", "annotations.", "matchLabels.", "spec.selector.", "limits.", "requests.")
MANY_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


class StrictLoader(yaml.SafeLoader):
    """YAML as written: a key given twice is an error, where PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.constructor.ConstructorError(None, None, f"given twice: {doubled}", node.start_mark)
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict[str, Any]:
    """The one document of a YAML file."""
    document = yaml.load(path.read_text(encoding="utf-8"), StrictLoader)
    assert isinstance(document, dict)
    return document


def manifest(name: str) -> dict[str, Any]:
    """A document of deploy/kubernetes."""
    return read(KUBERNETES / name)


def at(document: Any, path: str) -> Any:
    """The value under a dotted path; ``0`` is a list's first item; None where nothing is."""
    for step in path.split("."):
        document = document[int(step)] if isinstance(document, list) else (document or {}).get(step)
    return document


def dotted_keys(document: Any, prefix: str = "") -> Iterator[str]:
    """The dotted path of each mapping inside a document, but for those whose keys are free (labels…)."""
    if isinstance(document, Mapping):
        if not prefix.endswith(FREE_KEYS):
            yield prefix
        for key, value in document.items():
            yield from dotted_keys(value, f"{prefix}{key}.")
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from dotted_keys(value, f"{prefix}{index}.")


@pytest.fixture(scope="module")
def stages() -> list[dockerfile.Stage]:
    return dockerfile.parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def image(stages: list[dockerfile.Stage]) -> dockerfile.Stage:
    return stages[-1]


@pytest.fixture(scope="module")
def knative() -> dict[str, Any]:
    return read(ROOT / "deploy" / "cloudrun" / "service.yaml")


@pytest.fixture(scope="module")
def deployment() -> dict[str, Any]:
    return manifest("deployment.yaml")


@pytest.fixture(params=["kubernetes", "cloudrun"])
def container(request: pytest.FixtureRequest, knative: Any, deployment: Any) -> dict[str, Any]:
    """The container of each platform."""
    document = deployment if request.param == "kubernetes" else knative
    (only,) = at(document, "spec.template.spec.containers")
    return dict(only)


def plain_environment(container: Mapping[str, Any]) -> dict[str, str]:
    """Its literal variables; those from a Secret are the user's."""
    return {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}


class TestDockerfile:
    def test_has_two_stages_at_most(self, stages: list[dockerfile.Stage]) -> None:
        """One stage builds, one runs."""
        assert [stage.name for stage in stages] == ["build", ""]

    def test_starts_from_one_slim_minor_version(self, stages: list[dockerfile.Stage]) -> None:
        """Both stages have the same Python, or the archive's bytecode would be for another."""
        assert {stage.base for stage in stages} == {"python:3.13-slim"}

    def test_compiles_the_library_of_the_very_python_it_starts_from(self, image: dockerfile.Stage) -> None:
        """The folder that is compiled belongs to the base image's version."""
        version = image.base.removeprefix("python:").removesuffix("-slim")
        assert image.one("RUN").exec_form[-1] == f"/usr/local/lib/python{version}"

    def test_needs_no_shell(self, stages: list[dockerfile.Stage]) -> None:
        """Every command is in exec form: signals reach Python itself, and the base may lose its shell."""
        commands = [run.exec_form for stage in stages for run in stage.all("RUN")]
        commands += [stages[-1].start_command, stages[-1].health_command]
        assert {command[0] for command in commands} == {"python3"}

    def test_copies_only_local_files(self, stages: list[dockerfile.Stage]) -> None:
        """Nothing comes from an address, and the image takes nothing but the archive."""
        copies = [(copy.flags.get("from"), copy.text) for stage in stages for copy in stage.all("COPY")]
        assert copies == [(None, ". ."), ("build", "/src/yourl.pyz /app/yourl.pyz")]

    def test_user_is_a_number_and_not_root(self, image: dockerfile.Stage) -> None:
        """A numeric user and group, neither of them root's."""
        user, group = image.one("USER").text.split(":")
        assert (int(user) > 0, int(group) > 0) == (True, True)

    def test_starts_what_it_copied(self, image: dockerfile.Stage) -> None:
        """The container serves; another command can be put in place of ``serve``."""
        archive = image.one("COPY").text.split()[-1]
        assert image.start_command == ["python3", archive, "serve"]
        assert image.health_command == ["python3", archive, "health"]

    def test_exposes_the_default_port(self, image: dockerfile.Stage) -> None:
        """EXPOSE names the port on which yourl listens when PORT is not set."""
        assert image.one("EXPOSE").text == str(settings.load({}).port)

    def test_stops_by_sigterm(self, image: dockerfile.Stage) -> None:
        """SIGTERM is what ends yourl cleanly."""
        assert image.one("STOPSIGNAL").text == "SIGTERM"

    def test_sets_nothing(self, stages: list[dockerfile.Stage]) -> None:
        """No ENV and no ARG: the file needs no environment, in a container as elsewhere."""
        assert [i for stage in stages for name in ("ENV", "ARG") for i in stage.all(name)] == []

    def test_labels_say_what_it_is(self, image: dockerfile.Stage) -> None:
        """The image names its title, vendor and licence (OCI image annotations)."""
        labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', image.one("LABEL").text))
        assert set(labels) == {"title", "description", "vendor", "licenses"}
        assert labels["licenses"] == "MIT"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("RUN x\n", "before FROM", id="no base"),
        pytest.param("FROM a\nADD http://x y\n", "do not know", id="ADD"),
        pytest.param("FROM a\nrun x\n", "do not know", id="lower case"),
    ],
)
def test_the_reader_of_dockerfiles_never_guesses(text: str, fault: str) -> None:
    """What the tests' own reader does not understand is an error."""
    with pytest.raises(ValueError, match=fault):
        dockerfile.parse(text)


@pytest.mark.parametrize("text", ["python3 x", '"python3"', "[]", "[1]", "['python3']"])
def test_shell_form_is_told_from_exec_form(text: str) -> None:
    """Only a JSON array of texts is exec form; Docker would pass anything else to a shell."""
    with pytest.raises(ValueError, match="not in exec form"):
        _ = dockerfile.parse(f"FROM a\nCMD {text}\n")[0].one("CMD").exec_form


@pytest.mark.parametrize(
    ("ignore", "paths", "passed"),
    [
        pytest.param("", ["a", "b/c"], ["a", "b/c"], id="empty"),
        pytest.param("*", ["a", "b/c"], [], id="all"),
        pytest.param("*\n!b", ["a", "b/c", "bc"], ["b/c"], id="all but a folder"),
        pytest.param("b", ["b", "b/c", "a/b"], ["a/b"], id="only at the root"),
        pytest.param("**/b", ["b", "b/c", "a/b", "ab"], ["ab"], id="at any depth"),
        pytest.param("!b/x\nb", ["b/x"], [], id="the last match wins"),
        pytest.param("*/b?", ["a/bc", "a/b", "bc"], ["a/b", "bc"], id="one folder deep"),
        pytest.param("**/*.py[co]", ["a.pyc", "x/a.pyo", "a.py"], ["a.py"], id="a class of characters"),
        pytest.param("# a\n\na.b", ["a", "a.b", "aXb"], ["a", "aXb"], id="comment, blank line, dot"),
    ],
)
def test_ignore_patterns_work_as_docker_documents(ignore: str, paths: list[str], passed: list[str]) -> None:
    """The tests read .dockerignore as the builder does."""
    assert dockerfile.let_through(ignore, paths) == passed


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        "README.md",
        "requirements-test.txt",
        "tests/run.py",
        "yourl.pyz",
        "yourl/__pycache__/app.cpython-313.pyc",
        "deploy/kubernetes/service.yaml",
    ],
)
def test_the_build_never_sees(path: str) -> None:
    """What the image's build does not need does not reach it, nor spoil its cache."""
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert dockerfile.let_through(ignore, [path]) == []


class TestKubernetes:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("name", MANIFESTS)
    def test_manifest_is_what_kubernetes_publishes(self, name: str, version: str) -> None:
        """Every manifest is valid, unknown fields refused, for each version since the oldest named."""
        kubernetes_validate.validate(manifest(name), version, strict=True)

    @pytest.mark.parametrize("name", MANIFESTS)
    def test_the_schemas_bite(self, name: str) -> None:
        """A misspelt field is refused wherever it stands: the check above cannot pass unseen."""
        for path in dotted_keys(manifest(name)):
            broken = copy.deepcopy(manifest(name))
            place = at(broken, path.rstrip(".")) if path else broken
            place["mispelt"] = "x"
            with pytest.raises(kubernetes_validate.ValidationError):
                kubernetes_validate.validate(broken, VERSIONS[-1], strict=True)

    def test_kustomization_names_each_manifest(self) -> None:
        """``kubectl apply -k`` applies all that is there, with this version's image under any name."""
        assert manifest("kustomization.yaml") == {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": list(MANIFESTS),
            "images": [{"name": "yourl", "newName": "yourl", "newTag": yourl.__version__}],
        }
        assert {path.name for path in KUBERNETES.iterdir()} == {*MANIFESTS, "kustomization.yaml"}

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("automountServiceAccountToken", False),
            ("enableServiceLinks", False),
            ("securityContext.runAsNonRoot", True),
            ("securityContext.seccompProfile.type", "RuntimeDefault"),
            ("containers.0.securityContext.allowPrivilegeEscalation", False),
            ("containers.0.securityContext.privileged", False),
            ("containers.0.securityContext.readOnlyRootFilesystem", True),
            ("containers.0.securityContext.capabilities", {"drop": ["ALL"]}),
            ("hostNetwork", None),
            ("hostPID", None),
            ("hostIPC", None),
        ],
    )
    def test_pod_has_no_privileges(self, deployment: Any, path: str, expected: object) -> None:
        """The pod keeps the "restricted" Pod Security Standard, with a read-only root on top."""
        assert at(deployment, f"spec.template.spec.{path}") == expected

    def test_pod_runs_as_the_image_does(self, deployment: Any, image: dockerfile.Stage) -> None:
        """The user and group are those of the Dockerfile."""
        context = at(deployment, "spec.template.spec.securityContext")
        assert f"{context['runAsUser']}:{context['runAsGroup']}" == image.one("USER").text

    def test_writes_only_to_memory(self, deployment: Any) -> None:
        """The one writable folder is a bounded tmpfs, well under the memory limit that it counts against."""
        pod = at(deployment, "spec.template.spec")
        assert pod["volumes"] == [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}]
        assert pod["containers"][0]["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]

    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("deployment.yaml", "spec.selector.matchLabels"),
            ("deployment.yaml", "spec.template.spec.topologySpreadConstraints.0.labelSelector.matchLabels"),
            ("service.yaml", "spec.selector"),
            ("pdb.yaml", "spec.selector.matchLabels"),
        ],
    )
    def test_selectors_find_the_pods(self, deployment: Any, name: str, path: str) -> None:
        """Each selector selects exactly the labels that the pods carry."""
        assert at(manifest(name), path) == at(deployment, "spec.template.metadata.labels")

    def test_autoscaler_scales_the_deployment(self, deployment: Any) -> None:
        """The autoscaler points at the Deployment, which leaves the number of pods to it."""
        target = {key: deployment[key] for key in ("apiVersion", "kind")}
        target["name"] = deployment["metadata"]["name"]
        assert at(manifest("hpa.yaml"), "spec.scaleTargetRef") == target
        assert "replicas" not in deployment["spec"]

    def test_a_disruption_leaves_pods(self) -> None:
        """With the fewest pods there may be, one disruption still leaves one that answers."""
        fewest = at(manifest("hpa.yaml"), "spec.minReplicas")
        assert fewest - at(manifest("pdb.yaml"), "spec.maxUnavailable") >= 1

    def test_service_reaches_the_port(self, deployment: Any) -> None:
        """The Service and the probes call the container's port by its name."""
        container = at(deployment, "spec.template.spec.containers.0")
        (port,) = container["ports"]
        kinds = ("startup", "liveness", "readiness")
        probes = [container[f"{kind}Probe"]["httpGet"]["port"] for kind in kinds]
        assert [at(manifest("service.yaml"), "spec.ports.0.targetPort"), *probes] == [port["name"]] * 4
        assert port["containerPort"] == settings.load(plain_environment(container)).port

    def test_there_is_time_to_stop(self, deployment: Any, graceful_timeout: float) -> None:
        """preStop, drain and Gunicorn's graceful timeout end before Kubernetes kills."""
        pod = at(deployment, "spec.template.spec")
        drain = settings.load(plain_environment(pod["containers"][0])).drain
        held_back = at(pod, "containers.0.lifecycle.preStop.sleep.seconds")
        assert held_back + drain + graceful_timeout < pod["terminationGracePeriodSeconds"]

    def test_readiness_is_seen_to_fail_within_the_drain(self, deployment: Any) -> None:
        """The drain is longer than the time until a failing /ready has been noticed."""
        container = at(deployment, "spec.template.spec.containers.0")
        probe = container["readinessProbe"]
        noticed = (probe["periodSeconds"] + probe["timeoutSeconds"]) * probe["failureThreshold"]
        assert noticed < settings.load(plain_environment(container)).drain


def shape(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a mapping with all of these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


WHOLE = {"type": "integer", "minimum": 1}
TEXT = {"type": "string"}
NUMBER_TEXT = {"type": "string", "pattern": "^[0-9]+$"}
BOOLEAN_TEXT = {"enum": ["true", "false"]}


def just_one(item: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a list with one such item."""
    return {"type": "array", "minItems": 1, "maxItems": 1, "items": item}


# Cloud Run knows no exec probes, and lets a startup probe's period be 240 s at most.
PROBE = shape(
    {
        "httpGet": shape({"path": {"type": "string", "pattern": "^/"}}),
        "periodSeconds": {**WHOLE, "maximum": 240},
        "timeoutSeconds": {**WHOLE, "maximum": 240},
        "failureThreshold": WHOLE,
    }
)
LIMITS = shape(
    {
        "cpu": {"type": "string", "pattern": "^([1-9]|[0-9]+m)$"},
        "memory": {"type": "string", "pattern": "^[0-9]+[MG]i$"},
    }
)
CONTAINER = shape(
    {
        "name": TEXT,
        "image": TEXT,
        "ports": just_one(shape({"name": {"enum": ["http1", "h2c"]}, "containerPort": WHOLE})),
        "env": {"type": "array", "items": shape({"name": TEXT, "value": TEXT})},
        "resources": shape({"limits": LIMITS}),
        "startupProbe": PROBE,
        "livenessProbe": PROBE,
    }
)
REVISION = shape(
    {
        "metadata": shape(
            {
                "labels": MANY_TEXTS,
                "annotations": shape(
                    {
                        "autoscaling.knative.dev/minScale": NUMBER_TEXT,
                        "autoscaling.knative.dev/maxScale": NUMBER_TEXT,
                        "run.googleapis.com/execution-environment": {"enum": ["gen1", "gen2"]},
                        "run.googleapis.com/sessionAffinity": BOOLEAN_TEXT,
                        "run.googleapis.com/startup-cpu-boost": BOOLEAN_TEXT,
                    }
                ),
            }
        ),
        "spec": shape(
            {
                "containerConcurrency": {**WHOLE, "maximum": 1000},
                "timeoutSeconds": {**WHOLE, "maximum": 3600},
                "containers": just_one(CONTAINER),
            }
        ),
    }
)
KNATIVE_SERVICE = shape(
    {
        "apiVersion": {"const": "serving.knative.dev/v1"},
        "kind": {"const": "Service"},
        "metadata": shape(
            {
                "name": {"type": "string", "pattern": "^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$"},
                "labels": MANY_TEXTS,
                "annotations": shape(
                    {
                        "run.googleapis.com/ingress": {
                            "enum": ["all", "internal", "internal-and-cloud-load-balancing"]
                        }
                    }
                ),
            }
        ),
        "spec": shape({"template": REVISION}),
    }
)


class TestCloudRun:
    def test_has_the_shape_of_a_knative_service(self, knative: Any) -> None:
        """Nothing but what Cloud Run's v1 API knows, each value in the form that it wants."""
        jsonschema.Draft202012Validator.check_schema(KNATIVE_SERVICE)
        jsonschema.validate(knative, KNATIVE_SERVICE, jsonschema.Draft202012Validator)

    @pytest.mark.parametrize("version", VERSIONS)
    def test_containers_are_what_kubernetes_publishes(self, knative: Any, version: str) -> None:
        """Knative takes a Kubernetes pod's containers: they are valid in a Pod, unknown fields refused."""
        containers = copy.deepcopy(at(knative, "spec.template.spec.containers"))
        for container in containers:
            for probe in ("startupProbe", "livenessProbe"):
                # Knative fills in the one port there is; a Pod wants it said.
                container[probe]["httpGet"]["port"] = container["ports"][0]["containerPort"]
        pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}
        pod["spec"] = {"containers": containers}
        kubernetes_validate.validate(pod, version, strict=True)

    def test_the_shape_bites(self, knative: Any) -> None:
        """A misspelt field is refused wherever it stands."""
        for path in dotted_keys(knative):
            broken = copy.deepcopy(knative)
            place = at(broken, path.rstrip(".")) if path else broken
            place["mispelt"] = "x"
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(broken, KNATIVE_SERVICE, jsonschema.Draft202012Validator)

    def test_leaves_the_port_to_the_platform(self, knative: Any) -> None:
        """Cloud Run sets PORT itself, from containerPort, and refuses a service that sets it."""
        container = at(knative, "spec.template.spec.containers.0")
        assert "PORT" not in plain_environment(container)
        assert container["ports"][0]["containerPort"] == settings.load({}).port

    def test_probe_timeouts_fit_their_periods(self, knative: Any) -> None:
        """Cloud Run refuses a probe whose timeout is longer than its period."""
        container = at(knative, "spec.template.spec.containers.0")
        probes = [container["startupProbe"], container["livenessProbe"]]
        assert [p["timeoutSeconds"] <= p["periodSeconds"] for p in probes] == [True, True]

    def test_there_is_time_to_stop(self, knative: Any, graceful_timeout: float) -> None:
        """Drain and graceful timeout end before the 10 s that Cloud Run gives after SIGTERM."""
        environment = plain_environment(at(knative, "spec.template.spec.containers.0"))
        assert settings.load(environment).drain + graceful_timeout < 10


@pytest.fixture
def graceful_timeout(monkeypatch: pytest.MonkeyPatch) -> float:
    """Gunicorn's graceful timeout, in seconds, as gunicorn.conf.py has it."""
    for setting in settings.SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    # The file exports this name; set by the fixture, it is gone again after the test.
    monkeypatch.setenv("YOURL_SESSION_ID", "00000000-0000-4000-8000-000000000000")
    return float(runpy.run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"])


class TestContainer:
    def test_environment_holds_settings_only(self, container: Any) -> None:
        """Each variable in a manifest is the name of a setting."""
        known = {setting.name for setting in settings.SETTINGS}
        assert {entry["name"] for entry in container["env"]} <= known

    def test_environment_is_accepted(self, container: Any) -> None:
        """yourl starts with these values."""
        settings.load(plain_environment(container))

    def test_secrets_are_not_in_the_manifest(self, container: Any) -> None:
        """No secret setting has its value written down."""
        secrets = {setting.name for setting in settings.SETTINGS if setting.secret}
        assert secrets & set(plain_environment(container)) == set()

    def test_image_is_this_version(self, container: Any) -> None:
        """The manifests deploy the version that they come with, never "latest"."""
        assert container["image"] == f"yourl:{yourl.__version__}"

    def test_probes_ask_what_the_application_answers(self, container: Any) -> None:
        """Every probe's path answers 200 in an application with the manifest's own settings."""
        client = create_app(settings.load(plain_environment(container))).flask.test_client()
        paths = [at(container[key], "httpGet.path") for key in container if key.endswith("Probe")]
        assert [client.get(path).status_code for path in paths] == [200] * len(paths)

    def test_memory_and_cpu_are_bounded(self, container: Any) -> None:
        """A container may not take the node's memory, and its workers follow from its CPUs."""
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
