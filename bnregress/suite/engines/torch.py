"""PyTorch, whose steps run one operation after the other, as Keras runs them where nothing else is said."""

from bnregress.suite.engines.keras3 import Keras3


def load(mode):
    """Import Keras on PyTorch."""
    return Torch(mode)


class Torch(Keras3):
    """PyTorch as imported here."""

    key, title = "torch", "PyTorch"
    reads_flags = True
    feeding = """
    from torch.utils.data import DataLoader, TensorDataset

    pairs = TensorDataset(keras.ops.convert_to_tensor(images), keras.ops.convert_to_tensor(labels))
    batches = DataLoader(pairs, batch_size=len(images))
""".strip("\n")

    def compiled(self, function, *parts, shape=None):
        """Nothing is compiled: `fit` and `evaluate` of Keras on PyTorch are not, unless `jit_compile` says so."""

        def call(*arrays):
            return self.arrays(function(*map(self.keras.ops.convert_to_tensor, arrays)))

        return call

    def tracing(self):
        """Never: nothing is compiled."""
        return False

    def gradient(self, function, images):
        """`backward`."""
        images = self.module.as_tensor(images).requires_grad_(True)
        function(images).backward()
        return None if images.grad is None else self.array(images.grad)

    def dataset(self, images, labels, batch, whole=False):
        """A `DataLoader`."""
        data = self.module.utils.data
        pairs = data.TensorDataset(*map(self.module.as_tensor, (images, labels)))
        return data.DataLoader(pairs, batch_size=batch, drop_last=whole)
