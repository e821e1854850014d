"""What a source tree asks for of TensorFlow, Keras and tf_keras, and what changes between two trees."""
