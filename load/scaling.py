"""Did the HorizontalPodAutoscaler answer to the load? kubectl is asked."""

import json
import re
import subprocess

from settings import SettingsError


def parse(text):
    """`namespace/name` out of LOAD_HPA; None where it says nothing."""
    if not text:
        return None
    if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9.-]+", text):
        raise SettingsError(f"LOAD_HPA={text!r} is not of the form NAMESPACE/NAME")
    return tuple(text.split("/"))


class Replicas:
    """What the autoscaler had and wanted, from the first look to the last."""

    def __init__(self, namespace, name, program="kubectl"):
        self._command = [program, "get", "hpa", name, "--namespace", namespace, "--output", "json"]
        self.seen = []
        self.last_miss = ""

    def take(self):
        try:
            done = subprocess.run(self._command, capture_output=True, timeout=20, check=True)
            status = json.loads(done.stdout)["status"]
            current = status.get("currentReplicas", 0)
            if current == 0:
                # Not counted yet: as a beginning it would make any number look like growth.
                self.last_miss = "it has not counted its replicas yet"
                return
            self.seen.append((current, status["desiredReplicas"]))
        except subprocess.CalledProcessError as error:
            self.last_miss = error.stderr.decode(errors="replace").strip()
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
            self.last_miss = repr(error)

    def judge(self):
        """The proof: more replicas ran at some time than at the beginning."""
        if not self.seen:
            return [f"autoscaler: could not be asked: {self.last_miss}"]
        first = self.seen[0][0]
        most = max(current for current, _ in self.seen)
        wanted = max(desired for _, desired in self.seen)
        if most <= first:
            return [f"autoscaler: began with {first} replicas, wanted {wanted}, and never had more than {most}"]
        return []
