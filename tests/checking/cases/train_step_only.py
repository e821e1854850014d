"""tensorflow#33205 and the GAN, distillation and self-supervised examples of keras.io: a model with `train_step` and no `call`, a frozen part in it.

Right answer: sound (2.15.1).
"""

import numpy as np
import tensorflow as tf
from pretrained import backbone


class Distil(tf.keras.Model):
    def __init__(self, teacher, student):
        super().__init__()
        self.teacher, self.student = teacher, student

    def train_step(self, data):
        teacher = self.teacher(data[0], training=True)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.student(data[0], training=True) - teacher))
        variables = self.student.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return {"loss": loss}


def build_model():
    teacher, student = backbone(), backbone()
    teacher.trainable = False
    model = Distil(teacher, student)
    model.compile(tf.keras.optimizers.SGD(0.05))
    return model


def build_with_batch():
    return build_model(), np.random.RandomState(0).randn(8, 16, 16, 3).astype("float32")
