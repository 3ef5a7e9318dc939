"""Convert a network that LiteRT runs into one that LiteRT.js, its form for browsers, can run."""

import copy
import pathlib

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

#: The operations that a look inside shows.
CONVOLUTIONS = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D)
#: The version of DEQUANTIZE that converts float16 to float32.
DEQUANTIZE_VERSION = 3
#: Dimensions of any size, such as the batch's, in the shape of a tensor.
ANY = -1


def convert(path: pathlib.Path) -> bytes:
    """Convert a .tflite file that model.network.keras_network.convert has written.

    LiteRT.js cannot resize an input, and returns no tensors but the outputs. So the new file takes one frame at a time,
    as "frames", float32 (1, 28, 28), and has as outputs the "probabilities", float32 (1, n), and the activations of
    each convolution, "convolution_01" and so on, float32 (1, h, w, filters). Its weights are float16, half the size.
    """
    model = flatbuffer_utils.read_model(path)
    (graph,), (signature,) = model.subgraphs, model.signatureDefs
    for tensor in graph.tensors:
        if tensor.shapeSignature is not None:
            tensor.shape = [1 if length == ANY else length for length in tensor.shapeSignature]
            tensor.shapeSignature = None
    (frames,), (probabilities,) = signature.inputs, signature.outputs
    frames.name, probabilities.name = b"frames", b"probabilities"
    for operator in graph.operators:
        if _code(model, operator) in CONVOLUTIONS:
            output = schema.TensorMapT()
            output.name, output.tensorIndex = b"convolution_%02d" % len(signature.outputs), operator.outputs[0]
            signature.outputs.append(output)
    graph.outputs = [output.tensorIndex for output in signature.outputs]
    _halve_weights(model)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _code(model: schema.ModelT, operator: schema.OperatorT) -> int:
    return flatbuffer_utils.get_builtin_code_from_operator_code(model.operatorCodes[operator.opcodeIndex])


def _halve_weights(model: schema.ModelT) -> None:
    """Store float32 weights as float16, which operations at the start convert back."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = DEQUANTIZE_VERSION
    model.operatorCodes.append(code)
    (graph,) = model.subgraphs
    conversions, buffers = [], set()
    for index, tensor in enumerate(list(graph.tensors)):
        if tensor.type != schema.TensorType.FLOAT32 or model.buffers[tensor.buffer].data is None:
            continue
        halved = copy.copy(tensor)
        halved.type = schema.TensorType.FLOAT16
        graph.tensors.append(halved)
        buffers.add(tensor.buffer)
        tensor.buffer = 0  # without contents
        conversion = schema.OperatorT()
        conversion.opcodeIndex = len(model.operatorCodes) - 1
        conversion.inputs, conversion.outputs = [len(graph.tensors) - 1], [index]
        conversions.append(conversion)
    graph.operators = conversions + graph.operators
    for index in buffers:
        weights = np.frombuffer(bytes(model.buffers[index].data), np.float32)
        model.buffers[index].data = weights.astype(np.float16).view(np.uint8)
