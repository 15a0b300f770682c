"""What the server's files promise: a walled-in service, a proxy that is believed, and settings that fit each other."""

import re
from configparser import ConfigParser

import pytest

from config import ROOT
from portal.web.participant import photos

DEPLOY = ROOT / "deploy"
SERVICES = ("web", "jobs", "backup")
WALLS = {
    "NoNewPrivileges": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "PrivateUsers": "yes",
    "ProtectSystem": "strict", "ProtectHome": "yes", "ProtectProc": "invisible", "MemoryDenyWriteExecute": "yes",
    "RestrictNamespaces": "yes", "SystemCallArchitectures": "native", "CapabilityBoundingSet": "", "UMask": "0077",
    "ReadWritePaths": "/var/lib/imsc-portal", "User": "imsc-portal", "EnvironmentFile": "/etc/imsc-portal/portal.env",
}  # fmt: skip


def unit(name: str) -> ConfigParser:
    """The last of several equal keys stands, which is enough here."""
    parsed = ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parsed


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def nginx() -> list[str]:
    return [line.strip() for line in read("nginx.conf").splitlines() if not line.strip().startswith("#")]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_walled_in(name: str) -> None:
    service = unit(f"imsc-portal-{name}.service")["Service"]
    assert {wall: service.get(wall) for wall in WALLS} == WALLS
    assert "SystemCallFilter=@system-service\n" in read(f"imsc-portal-{name}.service")


@pytest.mark.parametrize("name", ["web", "jobs"])
def test_a_service_never_gives_up(name: str) -> None:
    parsed = unit(f"imsc-portal-{name}.service")
    assert parsed["Service"]["Restart"] == "always"
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"


def test_web_has_longer_to_end_than_its_workers() -> None:
    from portal.cli.serve import STOP_SECONDS

    assert float(unit("imsc-portal-web.service")["Service"]["TimeoutStopSec"]) > STOP_SECONDS


def test_nginx_calls_where_web_listens_and_systemd_holds_the_socket() -> None:
    where = unit("imsc-portal-web.socket")["Socket"]["ListenStream"]
    assert nginx().count(f"server {where} max_fails=0;") == 2
    host, port = where.split(":")
    assert f"--host {host} --port {port}" in unit("imsc-portal-web.service")["Service"]["ExecStart"]
    assert unit("imsc-portal-web.service")["Unit"]["Requires"] == "imsc-portal-web.socket"


def test_nginx_takes_the_photographs_that_the_portal_takes_and_no_more() -> None:
    sizes = [re.fullmatch(r"client_max_body_size (\d+)m;", line) for line in nginx()]
    others, photographs = [int(size[1]) * 1024 * 1024 for size in sizes if size]
    assert photographs == photos.UPLOAD_MAX
    assert others < photographs


def test_nginx_alone_says_who_calls_and_keeps_no_addresses() -> None:
    lines = nginx()
    assert "TRUSTED_PROXIES=1" in read("portal.env.example").splitlines()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in lines
    assert lines.count("access_log off;") == sum(line == "server {" for line in lines)
    assert {line for line in lines if line.startswith("error_log")} == {"error_log /var/log/nginx/portal.log crit;"}


def test_the_nightly_backup_is_made_up_for_when_the_machine_slept() -> None:
    timer = unit("imsc-portal-backup.timer")["Timer"]
    assert timer["Persistent"] == "yes"
    assert timer["OnCalendar"].endswith("Asia/Shanghai")
    assert (DEPLOY / "imsc-portal-backup.service").exists()


def test_every_file_for_the_server_is_named_in_its_instructions() -> None:
    text = read("README.md")
    files = {f"deploy/{path.name}" for path in DEPLOY.iterdir()} - {"deploy/README.md"}
    assert not {name for name in files if name not in text and not name.startswith("deploy/imsc-portal-")}
    assert "deploy/imsc-portal-*" in text
    assert "pybabel compile" in text


def test_the_database_is_reached_without_a_password_and_at_no_port() -> None:
    assert "DATABASE_URL=postgresql:///portal?host=/run/postgresql" in read("portal.env.example").splitlines()
    assert "listen_addresses = ''" in read("postgresql.conf").splitlines()
    for name in ("imsc-portal-web", "imsc-portal-jobs", "imsc-portal-backup"):
        assert "AF_UNIX" in unit(f"{name}.service")["Service"]["RestrictAddressFamilies"].split()
