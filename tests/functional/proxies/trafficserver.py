"""Apache Traffic Server."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from signal import SIGKILL

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_FORWARDED, FORGED_LIST, FROM_OWN_PAGE, Mistake
from tests.functional.proxies.product import IS_ROOT, Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    if place.is_inner:
        return {"8081:ip-in=127.0.0.1": f"{place.port}:ip-in=127.0.0.1", **place.backend}
    return {
        "8443:ssl": f"{place.port}:ssl:ip-in=127.0.0.1",
        "/etc/ssl/yourl.pem": str(place.certificate.both),
        **place.backend,
    }


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    etc = folder / "etc"
    for name in ("etc", "run", "logs", "cache"):
        (folder / name).mkdir(mode=0o777)
        (folder / name).chmod(0o777)  # it does not write as root
    for name in ("storage.config", "plugin.config", "ssl_multicert.config", "sni.yaml"):
        (etc / name).touch()
    shutil.copy("/etc/trafficserver/ip_allow.yaml", etc)
    for name, text in texts.items():
        (etc / name).write_text(text)
    user = "nobody" if IS_ROOT else pwd.getpwuid(os.getuid()).pw_name
    settings = (
        f"admin.user_id STRING {user}",
        "ssl.cert.load_elevated INT 1",
        "crash_log_helper STRING NULL",
        "exec_thread.autoconfig INT 0",
        "exec_thread.limit INT 1",
        "cache.ram_cache.size INT 8388608",
    )
    with (etc / "records.config").open("a") as records:
        records.writelines(f"CONFIG proxy.config.{setting}\n" for setting in settings)
    root = folder / "runroot.yaml"
    places = {
        "prefix": folder,
        "exec_prefix": folder,
        "bindir": "/usr/bin",
        "sbindir": "/usr/sbin",
        "sysconfdir": etc,
        "datadir": folder,
        "includedir": "/usr/include",
        "libdir": "/usr/lib/trafficserver",
        "libexecdir": "/usr/lib/trafficserver/modules",
        "localstatedir": folder / "run",
        "runtimedir": folder / "run",
        "logdir": folder / "logs",
        "cachedir": folder / "cache",
    }
    root.write_text("".join(f"{name}: {path}\n" for name, path in places.items()))
    command = [require_program("traffic_server"), f"--run-root={root}"]
    return Prepared(command, [*command, "-C", "verify_config"])


TRAFFICSERVER = Product(
    name="trafficserver",
    fix_name="Traffic Server",
    edge="trafficserver",
    inner="inner/trafficserver",
    page="trafficserver.md",
    places=_places,
    prepare=_prepare,
    stop=SIGKILL,
    paste=pasting(r"^\s*(?:set-header|add-header|rm-header) ([\w-]+)|^CONFIG (\S+)"),
)

_PROTO = 'set-header X-Forwarded-Proto "https"'
_HOST = 'set-header X-Forwarded-Host "%{HEADER:Host}"'
_PORT = 'set-header X-Forwarded-Port "%{INBOUND:LOCAL-PORT}"'

MISTAKES = {
    "trafficserver says no scheme": Mistake(
        {_PROTO: "rm-header X-Forwarded-Proto"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
    ),
    "trafficserver says no scheme to a browser": Mistake(
        {_PROTO: "rm-header X-Forwarded-Proto"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "trafficserver without pristine_host_hdr": Mistake(
        {
            "url_remap.pristine_host_hdr INT 1": "url_remap.pristine_host_hdr INT 0",
            _HOST: "",
            _PORT: "",
        },
        {"missing-host": "warning"},
        {"host": "127.0.0.1"},
    ),
    "trafficserver names no client": Mistake(
        {"insert_squid_x_forwarded_for INT 1": "insert_squid_x_forwarded_for INT 0"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "trafficserver appends to a forged list": Mistake(
        {"rm-header X-Forwarded-For\n": ""}, {"spoofable-leftmost": "info"}, headers=FORGED_LIST
    ),
    "trafficserver passes Forwarded on": Mistake(
        {"rm-header Forwarded\n": ""},
        {"forwarded-contradiction": "warning"},
        headers=FORGED_FORWARDED,
    ),
    "trafficserver passes X-Forwarded-Host on": Mistake(
        {_HOST: ""},
        {"host-disagreement": "warning"},
        {"host": "evil.example"},
        headers=(("X-Forwarded-Host", "evil.example"),),
    ),
}
