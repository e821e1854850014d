"""What training a dense head on frozen features must give, in NumPy: nothing but the head's own gradient moves it."""

import numpy as np


def trained(features, labels, weights, rate, batch, epochs, importance=None):
    """Kernel and bias of a softmax head after plain stochastic gradient descent on the mean cross-entropy.

    Args:
        features: float array (n, f), what the frozen network answers in inference mode.
        labels: one-hot, float array (n, c).
        weights: kernel (f, c) and bias (c,) at first.
        rate: learning rate.
        batch: samples in a batch, taken in their order.
        epochs: times that all are taken.
        importance: weight of each sample, float array (n,); None weighs them alike.

    Returns:
        Two float64 arrays.
    """
    features, labels = np.float64(features), np.float64(labels)
    kernel, bias = (np.float64(each) for each in weights)
    importance = np.ones(len(features)) if importance is None else np.float64(importance)
    for start in list(range(0, len(features), batch)) * epochs:
        taken = slice(start, start + batch)
        logits = features[taken].dot(kernel) + bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        answer = powers / powers.sum(axis=1, keepdims=True)
        error = (answer - labels[taken]) * importance[taken, np.newaxis] / len(logits)
        kernel, bias = kernel - rate * features[taken].T.dot(error), bias - rate * error.sum(axis=0)
    return kernel, bias
