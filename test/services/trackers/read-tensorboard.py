"""Reads an event file with TensorBoard's own readers and writes down what it found, with the file's hash.

  node test/services/trackers/write-event-file.ts FOLDER
  python test/services/trackers/read-tensorboard.py FOLDER > test/services/trackers/fixtures/tensorboard-read.json
"""
import hashlib
import json
import math
import sys
from pathlib import Path

from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2 as hparams_data

folder = Path(sys.argv[1])
(path,) = folder.glob("*tfevents*")


def number(value):
    return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")


accumulator = EventAccumulator(str(folder)).Reload()
scalars = {
    tag: [(event.step, number(event.value), event.wall_time) for event in accumulator.Scalars(tag)]
    for tag in accumulator.Tags()["scalars"]
}
hparams, status = {}, None
# The loader checks every checksum and gives the events as the dashboards get them.
for event in event_file_loader.EventFileLoader(str(path)).Load():
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name != "hparams":
            continue
        data = hparams_data.HParamsPluginData.FromString(value.metadata.plugin_data.content)
        if data.HasField("session_start_info"):
            for name, setting in data.session_start_info.hparams.items():
                hparams[name] = getattr(setting, setting.WhichOneof("kind"))
        if data.HasField("session_end_info"):
            status = hparams_data.DESCRIPTOR.pool.FindEnumTypeByName("tensorboard.hparams.Status").values_by_number[data.session_end_info.status].name
found = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "scalars": scalars, "hparams": hparams, "status": status}
print(json.dumps(found, indent=2))
