"""The fine-tune's verdict."""

from bnregress.suite import networks, probes, status, surrogate
from bnregress.suite.finding import Finding, inconclusive, not_applicable
from bnregress.suite.finetune import feeding, preprocessing, trained_weights, trial
from bnregress.suite.finetune.config import Request
from bnregress.suite.finetune.data import load
from bnregress.suite.finetune.feeding import BATCH, FEEDINGS
from bnregress.suite.finetune.head_training import DROPOUT, HIDDEN
from bnregress.suite.registry import check
from bnregress.suite.subject import nothing_to_compare

#: Images for a network on which nothing is sure to be learned: twice what the paired test needs.
FEW = 64


@check(
    "accuracy-parity",
    suite="finetune",
    code="""
    model = tf.keras.Sequential([
        network,
        tf.keras.layers.Dense(256, activation="relu"),
        tf.keras.layers.Dropout(0.4),
        tf.keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile(tf.keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=8, epochs=30, verbose=0)
    head = tf.keras.Sequential(model.layers[1:])
    trained, inferred = (
        head.predict(forward(network, images, training=mode)).argmax(axis=1) for mode in (True, False)
    )
    print("classes in training mode:", trained, "in inference mode:", inferred)
    assert (trained == inferred).all(), "the trained head answers differently in the two modes"
    """,
)
def accuracy_parity(subject):
    """A head trained on the frozen network answers held-out images in inference mode as it does in training mode.

    Source: the report that this project started from; a frozen network is the
    same in both modes, so accuracy in training is accuracy at test time.
    Decided on paired predictions by a sequential test, and on the accuracy
    lost against a head trained on features that were extracted in inference
    mode; see docs/accuracy.md. Evidence holds the curves of both.
    """
    if not subject.making.fine_tunes:
        return not_applicable(
            "tested only if freezing and wrapping are the default and training is {}: a fine-tune has its own".format(
                ", ".join(FEEDINGS)
            )
        )
    feeding.require(subject.framework.keras.Model, subject.variant.train)
    size = networks.image_size(subject.source or subject.network)
    if size != probes.SIZE:
        return not_applicable(
            "this network needs images of at least {0}x{0} pixels, and those of a fine-tune have {1}x{1}".format(
                size, probes.SIZE
            )
        )
    request = Request.from_json(subject.finetune)
    layers = networks.layers_of(subject.source if subject.opaque else subject.network)
    batchnorms = [layer.name for layer in layers if networks.is_batchnorm(layer)]
    data = load(request, preprocessing.scaling(request.weights, bool(batchnorms)))
    # The surrogate's statistics are ResNet50's. On other networks its weights carry nothing that a head could be sure
    # to learn; the two modes must agree all the same.
    blind = request.weights == "surrogate" and not surrogate.covers(batchnorms)
    data = data.first(FEW, FEW) if blind else data.first(request.train, len(data.y_test))
    with trained_weights.kept(subject):
        try:
            trained_weights.assign(subject, request)
        except trained_weights.WeightsError as error:
            return inconclusive(str(error))
        features = trial.Features(subject, data)
        finite = features.finite
        trials = [trial.run(subject, data, features, seed, request, blind) for seed in request.seeds] if finite else []
    if not finite:
        return nothing_to_compare(subject, "the network's features in inference mode are not finite, so no head learns")
    gravest = max(trials, key=lambda each: status.SEVERITY.index(each.status))
    evidence = dict(
        gravest.figures,
        curves=gravest.curves,
        seed=gravest.seed,
        seeds={str(each.seed): each.status for each in trials},
        data={
            "name": request.data_name,
            "sha256": request.data_sha256,
            "classes": data.classes,
            "notes": list(request.notes),
        },
        images={"train": len(data.y_train), "held_out": gravest.figures["held_out"]},
        weights={"name": request.weights_name, "sha256": request.weights_sha256},
        recipe={
            "hidden": HIDDEN,
            "dropout": DROPOUT,
            "batch": BATCH,
            "epochs": request.epochs,
            "fed_by": subject.variant.train,
            "optimizer": "SGD",
            "learning_rate": request.learning_rate,
            "found": list(request.found),
            "curvature": request.curvature,
        },
    )
    of = "" if len(trials) == 1 else " (with seed {}, the gravest of {})".format(gravest.seed, len(trials))
    return Finding(gravest.status, gravest.reason + of, evidence)
