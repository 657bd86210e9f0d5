"""Reads the catalogs of applications that YunoHost keeps on this host, and prints what is looked up in them.

One line: `beffroi-catalog 1 ` and, in base64, a JSON object compressed with zlib:
  {"apps": {id: {what `KEPT` and `OF_MANIFEST` name}}, "categories": [{"id", "title", "description"}],
   "bytes": those of the files, "changed_s": the last change of the newest, "sources": [[id, address or null]]}
Nothing is asked of the network, and nothing is changed. Python 3.9 or later, standard library, PyYAML where it is there.
Started as: python3 -I -c TEXT ROOT, the root of the host's files, empty for `/`
"""

import base64
import json
import os
import sys
import zlib

ROOT = sys.argv[1] if len(sys.argv) > 1 else ""
CACHE = ROOT + "/var/cache/yunohost/repo"
LIST = ROOT + "/etc/yunohost/apps_catalog.yml"
MOST_BYTES = 64 << 20
KEPT = ("category", "subtags", "level", "state", "antifeatures", "maintained", "featured", "potential_alternative_to")
OF_MANIFEST = ("name", "version", "description")


def sources():
    """The catalogs that YunoHost would use, with their addresses."""
    try:
        import yaml

        with open(LIST, encoding="utf-8") as file:
            entries = yaml.safe_load(file) or []
        return [[str(entry["id"]), entry.get("url")] for entry in entries if isinstance(entry, dict) and "id" in entry]
    except (OSError, ImportError, ValueError, KeyError, TypeError):
        return [["default", None if os.path.exists(LIST) else "https://app.yunohost.org/default"]]


def in_two(text):
    """A text in the two languages that are shown, where it has several."""
    return {name: text[name] for name in ("en", "fr") if name in text} or text if isinstance(text, dict) else text


def short(entry):
    manifest = entry.get("manifest") or {}
    kept = {name: entry[name] for name in KEPT if name in entry}
    kept["git"] = {"url": (entry.get("git") or {}).get("url")}
    kept["manifest"] = {name: manifest[name] for name in OF_MANIFEST if name in manifest}
    kept["manifest"]["description"] = in_two(manifest.get("description"))
    kept["manifest"]["integration"] = {"yunohost": (manifest.get("integration") or {}).get("yunohost")}
    return kept


def main():
    told = {"apps": {}, "categories": [], "bytes": 0, "changed_s": 0, "sources": sources()}
    found = False
    for name, _ in told["sources"]:
        path = os.path.join(CACHE, os.path.basename(name) + ".json")
        try:
            about = os.stat(path)
            if about.st_size > MOST_BYTES:
                sys.exit("beffroi: the catalog is too large")
            with open(path, encoding="utf-8") as file:
                catalog = json.load(file)
            for app, entry in catalog["apps"].items():
                told["apps"].setdefault(app, short(entry))
            for category in catalog.get("categories") or []:
                told["categories"].append({name: in_two(category.get(name)) for name in ("id", "title", "description")})
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            sys.exit("beffroi: the catalog cannot be read: %s" % error)
        found = True
        told["bytes"] += about.st_size
        told["changed_s"] = max(told["changed_s"], int(about.st_mtime))
    if not found:
        sys.exit("beffroi: there is no catalog")
    packed = zlib.compress(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"), 6)
    sys.stdout.write("beffroi-catalog 1 " + base64.b64encode(packed).decode("ascii") + "\n")


main()
