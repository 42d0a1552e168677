"""Operations of TensorFlow that a backbone may hold; `smearflow.model.audit` refuses all others.

Before one is added: can it read, write or remove a file, open a connection, call Python, or wait
for ever?
"""

# What feature extractors of images compute with: numbers in, numbers out.
COMPUTING = frozenset(
    (
        *("Abs", "Add", "AddN", "AddV2", "All", "Any", "ArgMax", "Assert", "AvgPool"),
        *("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "BatchToSpaceND", "BiasAdd"),
        *("BroadcastGradientArgs", "BroadcastTo", "Cast", "CheckNumerics", "ClipByValue"),
        *("ConcatV2", "Const", "Conv2D", "Cumsum", "DepthToSpace", "DepthwiseConv2dNative", "Div"),
        *("DivNoNan", "Einsum", "Elu", "EnsureShape", "Equal", "Erf", "Exp", "ExpandDims"),
        *("Expm1", "ExtractImagePatches", "Fill", "Floor", "FloorDiv", "FloorMod"),
        *("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "Gather", "GatherNd"),
        *("GatherV2", "Greater", "GreaterEqual", "Identity", "IdentityN", "Inv", "L2Loss"),
        *("LeakyRelu", "Less", "LessEqual", "Log", "Log1p", "LogicalAnd", "LogicalNot"),
        *("LogicalOr", "LogSoftmax", "LRN", "MatMul", "Max", "Maximum", "MaxPool", "MaxPoolV2"),
        *("Mean", "Min", "Minimum", "MirrorPad", "Mul", "MulNoNan", "Neg", "NoOp", "NotEqual"),
        *("OneHot", "OnesLike", "Pack", "Pad", "PadV2", "Placeholder", "PlaceholderWithDefault"),
        *("Pow", "PreventGradient", "Prod", "RandomStandardNormal", "RandomUniform", "Range"),
        *("Rank", "RealDiv", "Reciprocal", "Relu", "Relu6", "Reshape", "ResizeArea"),
        *("ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor", "ReverseV2", "Round"),
        *("Rsqrt", "Select", "SelectV2", "Selu", "Shape", "ShapeN", "Sigmoid", "Sign", "Size"),
        *("Slice", "Softmax", "Softplus", "Softsign", "SpaceToBatchND", "SpaceToDepth", "Split"),
        *("SplitV", "Sqrt", "Square", "SquaredDifference", "Squeeze", "StatelessRandomGetAlg"),
        *("StatelessRandomGetKeyCounter", "StatelessRandomUniform", "StatelessRandomUniformV2"),
        *("StopGradient", "StridedSlice", "Sub", "Sum", "Tanh", "Tile", "TopKV2", "Transpose"),
        *("TruncateDiv", "TruncatedNormal", "Unpack", "Where", "Xdivy", "ZerosLike"),
    )
)

# What variables and functions are made of, and branches between two of them.
BUILDING = frozenset(
    (
        *("AssignAddVariableOp", "AssignSubVariableOp", "AssignVariableOp", "DisableCopyOnRead"),
        *("If", "Merge", "PartitionedCall", "ReadVariableOp", "StatefulPartitionedCall"),
        *("StatelessIf", "Switch", "VarHandleOp", "VariableShape", "VarIsInitializedOp"),
    )
)

# What saves and restores variables, beside the above: allowed where the saver alone reaches it.
SAVING = frozenset(
    (
        *("MergeV2Checkpoints", "RestoreV2", "SaveV2", "ShardedFilename"),
        *("StaticRegexFullMatch", "StringJoin"),
    )
)
HARMLESS = COMPUTING | BUILDING
