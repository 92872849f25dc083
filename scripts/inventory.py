"""What the program is made of: a software bill of materials, the licences, and known weaknesses.

``make sbom`` writes a CycloneDX document of the locked packages to dist/, ``make licences`` their
licences to docs/licences.md, ``make audit`` asks for published advisories about them, ``make sums``
writes data/SHA256SUMS. ``make docs`` lists the settings in docs/serving.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements" / "run.txt"
SBOM: Final = ROOT / "dist" / "point21.cdx.json"
SERVING: Final = ROOT / "docs" / "serving.md"
LICENCES: Final = ROOT / "docs" / "licences.md"
DATA: Final = ROOT / "data"
SUMS: Final = "SHA256SUMS"
_PIN: Final = re.compile(r"^([A-Za-z0-9][^#\s]*==[^\\#\n]+?)\s*\\?$", re.MULTILINE)
_LONGEST_NAME: Final = 60


def locked(lock: Path = LOCK) -> dict[str, Requirement]:
    """Return the packages that the lock has for this interpreter and system, by name."""
    pins = [Requirement(text) for text in _PIN.findall(lock.read_text(encoding="utf-8"))]
    here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    return {canonicalize_name(pin.name): pin for pin in sorted(here, key=lambda pin: pin.name)}


def version_of(pin: Requirement) -> str:
    """Return the one version that a pin allows."""
    (specifier,) = pin.specifier
    return specifier.version


def licence_of(name: str) -> str:
    """Return what an installed package says of its licence; empty when it says nothing."""
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return ""
    stated = metadata.get("License-Expression") or ""
    classified = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier", [])
        if text.startswith("License ::") and not text.endswith("OSI Approved")
    ]
    free = (metadata.get("License") or "").strip()
    short = free if 0 < len(free) <= _LONGEST_NAME and "\n" not in free else ""
    return stated or "; ".join(classified) or short


def make_sbom() -> dict[str, Any]:
    """Describe the locked packages as CycloneDX: version, hashes, licence."""
    command = [
        *(sys.executable, "-m", "cyclonedx_py", "requirements", str(LOCK)),
        *("--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible"),
        *("--short-PURLs", "--of", "JSON", "-o", "-"),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    document: dict[str, Any] = json.loads(done.stdout)
    wanted = {(name, version_of(pin)) for name, pin in locked().items()}
    kept = []
    for part in document["components"]:
        if (canonicalize_name(part["name"]), part.get("version")) not in wanted:
            continue
        # Where a package was fetched from is the mirror of whoever made the lock: no fact about it.
        part["externalReferences"] = [
            {"type": "distribution", "url": "urn:hash", "hashes": hashes}
            for reference in part.get("externalReferences", [])
            if (hashes := reference.get("hashes"))
        ]
        licence = licence_of(part["name"])
        part["licenses"] = [{"license": {"name": licence}}] if licence else []
        del part["description"]  # the line of the lock, once more
        kept.append(part)
    document["components"] = kept
    document["dependencies"] = relate(document["metadata"]["component"]["bom-ref"], kept)
    return document


def relate(root: str, parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say who needs whom, as the installed packages state it."""
    known = {canonicalize_name(part["name"]): part["bom-ref"] for part in parts}
    relations = [{"ref": root, "dependsOn": sorted(known[name] for name in needs_of("point21"))}]
    for name, reference in known.items():
        needed = sorted(known[other] for other in needs_of(name) if other in known)
        relations.append({"ref": reference, "dependsOn": needed})
    return relations


def needs_of(name: str) -> set[str]:
    """Return what a package needs here, without what only its extras need."""
    if name == "point21":
        stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        texts = stated["dependencies"]
    else:
        texts = distribution(name).requires or []
    needed = (Requirement(text) for text in texts)
    return {
        canonicalize_name(each.name)
        for each in needed
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }


def check_sbom(document: dict[str, Any]) -> str | None:
    """Return what the CycloneDX schema has against a document, if anything."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(document["specVersion"])
    fault = JsonStrictValidator(version).validate_str(json.dumps(document))
    return None if fault is None else str(fault)


def licences_table() -> str:
    """Write the licences as a table; versions are in the lock."""
    rows = [f"| {name} | {licence_of(name) or 'not stated'} |" for name in locked()]
    return "\n".join(["", "| package | licence |", "|---|---|", *rows, "", ""])


def audit() -> int:
    """Ask for advisories; 1 when there are any, 0 otherwise, also when nobody could be asked."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"),
        *("-r", str(LOCK), "-f", "json", "--progress-spinner", "off", "--timeout", "15"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return tell_silence(last)
    return report_audit(packages)


def tell_silence(why: str) -> int:
    """Say, so that it is not overlooked in a log, that there was no audit; that fails nothing."""
    lines = (
        "audit: NOT DONE. Nobody could be asked for advisories, so nothing is known of the lock.",
        f"audit: {why[:200]}",
        "audit: this fails nothing (docs/security.md says why); run `make audit` with a network.",
    )
    print("\n".join(["", "!" * 78, *lines, "!" * 78, ""]), file=sys.stderr)
    return 0


def report_audit(packages: Sequence[dict[str, Any]]) -> int:
    """Tell what was found about each package, and what could not be asked."""
    found = [(package, fault) for package in packages for fault in package.get("vulns", [])]
    unasked = [package["name"] for package in packages if "skip_reason" in package]
    for package, fault in found:
        fixed = ", ".join(fault.get("fix_versions", [])) or "no version yet"
        print(f"{package['name']} {package['version']}: {fault['id']}, mended in {fixed}")
    asked = len(packages) - len(unasked)
    if not asked:
        return tell_silence("not one of the packages is known there")
    print(f"audit: {len(found)} advisories about {asked} of {len(packages)} locked packages.")
    if unasked:
        print(f"audit: nobody could be asked about {len(unasked)}: {', '.join(unasked)}.")
    return 1 if found else 0


def sums(folder: Path = DATA) -> str:
    """Write SHA-256 sums of what is shipped of a folder, as sha256sum does."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"README.md", SUMS}
    )
    shipped = [name for name in names if not name.startswith("sources/")]
    digests = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in shipped]
    lines = (f"{digest}  {name}\n" for digest, name in zip(digests, shipped, strict=True))
    return "".join(lines)


def settings_table() -> str:
    """Write the settings of the server as a table."""
    from app.settings import PREFIX, Settings

    rows = []
    for name, field in Settings.model_fields.items():
        if name.startswith("fetch_") or name == "cache_directory":
            continue
        default = field.default
        shown = json.dumps(default) if not isinstance(default, str | Path) else str(default)
        told = f"`{shown}`" if default not in (None, "", {}) else ""
        rows.append(f"| `{PREFIX}{name.upper()}` | {told} | {field.description} |")
    return "\n".join(["", "| variable | default | meaning |", "|---|---|---|", *rows, "", ""])


def renew(page: Path, name: str, text: str) -> None:
    """Write text between the marks of a page."""
    marks = re.compile(rf"(<!-- {name}:begin -->\n).*(<!-- {name}:end -->)", re.DOTALL)
    before = page.read_text(encoding="utf-8")
    page.write_text(marks.sub(lambda found: found[1] + text + found[2], before), "utf-8")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["sbom", "licences", "audit", "sums", "settings"])
    what = parser.parse_args(arguments).what
    if what == "audit":
        return audit()
    if what == "sums":
        (DATA / SUMS).write_text(sums(), encoding="utf-8")
        return 0
    if what == "licences":
        renew(LICENCES, "licences", licences_table())
        return 0
    if what == "settings":
        renew(SERVING, "settings", settings_table())
        return 0
    document = make_sbom()
    fault = check_sbom(document)
    if fault is not None:
        print(f"sbom: not valid CycloneDX: {fault}", file=sys.stderr)
        return 1
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{SBOM.relative_to(ROOT)}: {len(document['components'])} packages")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
