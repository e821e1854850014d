"""The framework's deciding code: files and functions, by area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.mutants.operators import Mutant, mutants_of

BATCHNORM, TRAINABLE, CALL = "BatchNormalization", "trainable", "functional call"
TRAINERS, OPTIMIZERS, SAVING = "trainers", "optimizers", "saving"
AREAS = (BATCHNORM, TRAINABLE, CALL, TRAINERS, OPTIMIZERS, SAVING)

#: What a release with Keras of that major version decides by: file within `keras/src`, and globs of functions.
_TRAINABLE = ("*trainable*", "*non_trainable*", "*frozen*", "*_flag*", "*track_variable*", "*_layers*", "*.losses")
#: Which variables an optimizer touches; not by how much.
_OPTIMIZERS = (
    "*apply*",
    "*.build",
    "*.minimize",
    "*variable*",
    "*weight_decay*",
    "*aggregate*",
    "*average*",
    "*gradient*",
)
_NAMED = ("BatchNormalizationBase.*", "BatchNormalization.*")
TARGETS: dict[int, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    2: (
        (BATCHNORM, "layers/normalization/batch_normalization.py", _NAMED),
        (TRAINABLE, "engine/base_layer.py", _TRAINABLE),
        (TRAINABLE, "engine/base_layer_utils.py", ("*trainable*",)),
        (TRAINABLE, "engine/training.py", ("*trainable*", "Model.*weights*")),
        (TRAINABLE, "engine/training_utils.py", ("*trainable*",)),
        (TRAINABLE, "engine/functional.py", ("*trainable*", "*weights*")),
        (TRAINABLE, "utils/layer_utils.py", ("*trainable*", "gather_*")),
        (CALL, "engine/functional.py", ("Functional.*",)),
        (CALL, "engine/sequential.py", ("Sequential.call", "Sequential.add", "Sequential._build*")),
        (CALL, "engine/base_layer.py", ("Layer.__call__", "Layer._*call*", "Layer._*training*", "Layer._*mask*")),
        (CALL, "engine/node.py", ("Node.*",)),
        (TRAINERS, "engine/training.py", (
            "Model.compile", "Model.fit", "Model.evaluate", "Model.predict", "Model.*_step", "Model.make_*",
            "Model.*_on_batch", "Model.compute_*", "Model._validate_target*", "reduce_per_replica", "concat",
            "Model.reset_metrics", "Model.metrics", "Model._get_compile_args",
        )),
        (TRAINERS, "engine/data_adapter.py", (
            "TensorLikeDataAdapter.*", "DataHandler.*", "unpack_x_y_sample_weight", "train_validation_split",
            "_process_tensorlike", "_make_class_weight_map_fn", "broadcast_sample_weight_modes", "DatasetAdapter.*",
            "pack_x_y_sample_weight", "_type_name", "select_data_adapter", "get_data_handler",
        )),
        (TRAINERS, "engine/compile_utils.py", ("*LossesContainer.*", "MetricsContainer.*", "Container.*", "apply_*")),
        (OPTIMIZERS, "optimizers/optimizer.py", _OPTIMIZERS),
        (SAVING, "saving/saving_lib.py", ("*",)),
        (SAVING, "saving/saving_api.py", ("*",)),
        (SAVING, "saving/serialization_lib.py", ("*",)),
        (SAVING, "saving/pickle_utils.py", ("*",)),
        (SAVING, "saving/legacy/hdf5_format.py", ("*",)),
        (SAVING, "saving/legacy/save.py", ("*",)),
        (SAVING, "saving/legacy/model_config.py", ("*",)),
        (SAVING, "saving/legacy/saving_utils.py", ("*",)),
        (SAVING, "saving/legacy/serialization.py", ("*",)),
        (SAVING, "saving/legacy/saved_model/*.py", ("*",)),
        (SAVING, "models/cloning.py", ("*",)),
    ),
    3: (
        (BATCHNORM, "layers/normalization/batch_normalization.py", ("BatchNormalization.*",)),
        (TRAINABLE, "layers/layer.py", _TRAINABLE),
        (TRAINABLE, "models/model.py", ("*trainable*", "*layers*")),
        (TRAINABLE, "backend/common/variables.py", ("*trainable*",)),
        (TRAINABLE, "backend/tensorflow/layer.py", ("*trainable*", "*track*")),
        (CALL, "models/functional.py", ("*",)),
        (CALL, "models/sequential.py", ("Sequential.*",)),
        (CALL, "layers/layer.py", ("Layer.__call__", "Layer.*call*", "CallSpec.*", "CallContext.*", "Layer._*mask*")),
        (CALL, "ops/operation.py", ("Operation.__call__", "Operation.symbolic_call", "Operation.compute_output_spec")),
        (CALL, "ops/function.py", ("Function.*", "map_graph", "_build_map*", "make_node_key")),
        (TRAINERS, "trainers/trainer.py", ("*",)),
        (TRAINERS, "backend/tensorflow/trainer.py", ("*",)),
        (TRAINERS, "trainers/compile_utils.py", ("*",)),
        (TRAINERS, "trainers/epoch_iterator.py", ("*",)),
        (TRAINERS, "trainers/data_adapters/array_data_adapter.py", ("*",)),
        (TRAINERS, "trainers/data_adapters/data_adapter_utils.py", ("*",)),
        (TRAINERS, "trainers/data_adapters/tf_dataset_adapter.py", ("*",)),
        (OPTIMIZERS, "optimizers/base_optimizer.py", _OPTIMIZERS),
        (OPTIMIZERS, "backend/tensorflow/optimizer.py", _OPTIMIZERS),
        (SAVING, "saving/saving_lib.py", ("*",)),
        (SAVING, "saving/saving_api.py", ("*",)),
        (SAVING, "saving/serialization_lib.py", ("*",)),
        (SAVING, "saving/keras_saveable.py", ("*",)),
        (SAVING, "legacy/saving/legacy_h5_format.py", ("*",)),
        (SAVING, "legacy/saving/saving_utils.py", ("*",)),
        (SAVING, "legacy/saving/serialization.py", ("*",)),
        (SAVING, "legacy/saving/json_utils.py", ("*",)),
        (SAVING, "export/saved_model.py", ("*",)),
        (SAVING, "export/saved_model_export_archive.py", ("*",)),
        (SAVING, "export/tfsm_layer.py", ("*",)),
        (SAVING, "models/cloning.py", ("*",)),
    ),
}  # fmt: skip
#: What is only shown, and functions for another engine or for a cluster.
_LEFT_OUT = ("*__repr__*", "*__str__*", "*summary*", "*SyncBatch*", "*_raise*", "*warn*", "*__reduce__*")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A mutant in its file.

    Attributes:
        id: what the results know it by; of the place and the change alone, so that it outlives a new sample.
        area: one of `AREAS`.
        file: path within `keras/src`.
        mutant: the change.
    """

    id: str
    area: str
    file: str
    mutant: Mutant


def candidates(source: Path, major: int) -> Iterator[Candidate]:
    """Every mutant of the deciding code, area by area.

    Args:
        source: the folder `keras/src` of a release.
        major: of its Keras.
    """
    seen = set()
    for area, pattern, names in TARGETS[major]:
        files = sorted(source.glob(pattern))
        if not files:
            raise FileNotFoundError(f"{source} has no {pattern}")
        for path in files:
            file = str(path.relative_to(source))
            for number, mutant in enumerate(mutants_of(path.read_bytes())):
                chosen = any(fnmatchcase(mutant.function, name) for name in names)
                left_out = any(fnmatchcase(mutant.function, name) for name in _LEFT_OUT)
                key = f"{file}:{mutant.line}:{mutant.operator}:{number}"
                if chosen and not left_out and key not in seen:
                    seen.add(key)
                    yield Candidate(id=key, area=area, file=file, mutant=mutant)
