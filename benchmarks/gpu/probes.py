"""What runs inside FastVideo's worker, sent there by `collective_rpc`: it times single stages, and pulls levers.

A lever changes one thing in the loaded pipeline, by the same call that FastVideo makes itself where it has a switch
for it. `pull` says whether that worked; `release` takes it back where that can be done.
"""

import copy
import time
from collections.abc import Callable
from functools import partial
from typing import Any

TIMED = {"text": "prompt_encoding_stage", "denoise": "denoising_stage", "decode": "decoding_stage"}

_KEPT: dict[str, Any] = {}
_UNDO: dict[str, list[Callable[[], None]]] = {}


def _stage(worker: Any, name: str) -> Any:
    return worker.pipeline._stage_name_mapping[TIMED[name]]


def remember(worker: Any) -> list[str]:
    """From now on, keep what comes into the stages that are timed: a clip's batch, as it is before each of them."""
    if not worker.pipeline.post_init_called:
        worker.pipeline.post_init()
    for name in TIMED:
        stage = _stage(worker, name)
        original = type(stage).forward

        def keep(batch: Any, args: Any, stage: Any = stage, name: str = name, original: Any = original) -> Any:
            _KEPT[name] = copy.copy(batch)
            if batch.latents is not None:
                _KEPT[name].latents = batch.latents.clone()
            _KEPT[name].prompt_embeds = list(batch.prompt_embeds or [])
            return original(stage, batch, args)

        stage.forward = keep
    return sorted(worker.pipeline._stage_name_mapping)


def forget(worker: Any) -> None:
    """Stages are again as they were."""
    for name in TIMED:
        _stage(worker, name).__dict__.pop("forward", None)


def _tried(call: Callable[[], Any]) -> dict[str, Any]:
    """Return what a call gives as `got`, or why it failed as `error`: what a worker raises would end FastVideo."""
    try:
        return {"got": call()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:600]}


def _found(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    tried = _tried(call)
    found: dict[str, Any] = tried.get("got", tried)
    return found


def _batch(name: str) -> Any:
    """What was kept for a stage, as good as new."""
    batch = copy.copy(_KEPT[name])
    if batch.latents is not None:
        batch.latents = _KEPT[name].latents.clone()
    batch.prompt_embeds = [] if name == "text" else list(_KEPT[name].prompt_embeds)
    if batch.generator is not None:
        # The noise between steps is the same in every run.
        for generator in batch.generator if isinstance(batch.generator, list) else [batch.generator]:
            generator.manual_seed(0)
    return batch


def both(worker: Any, repeats: int) -> dict[str, Any]:
    """Denoise one clip while another is decoded, each in a thread and a stream of its own."""
    return _found(lambda: _both(worker, repeats))


def _both(worker: Any, repeats: int) -> dict[str, Any]:
    from contextlib import nullcontext
    from threading import Thread

    import torch

    failed: list[str] = []

    def work(name: str) -> None:
        stage = _stage(worker, name)
        beside = torch.cuda.stream(torch.cuda.Stream()) if torch.cuda.is_available() else nullcontext()
        with torch.no_grad(), beside:
            tried = _tried(lambda: type(stage).forward(stage, _batch(name), worker.fastvideo_args) and None)
        failed.extend([tried["error"]] if "error" in tried else [])

    seconds = []
    for _ in range(repeats + 1):
        torch.cuda.synchronize()
        begun = time.perf_counter()
        threads = [Thread(target=work, args=(name,)) for name in ("denoise", "decode")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begun)
    if failed:
        return {"error": failed[0]}
    return {"first": round(seconds[0], 4), "seconds": [round(value, 4) for value in seconds[1:]]}


def run(worker: Any, name: str, repeats: int) -> dict[str, Any]:
    """Run one stage on what was kept; `error` where that failed.

    Args:
        worker: FastVideo's.
        name: `text`, `denoise` or `decode`.
        repeats: Runs after the first, which may find kernels or compile.

    Returns:
        Seconds of the first, and of each that followed; the memory of tensors at most; how far what came out is from
        what came out the first time that this stage ran.
    """
    return _found(lambda: _run(worker, name, repeats))


def _run(worker: Any, name: str, repeats: int) -> dict[str, Any]:
    import torch

    stage, args = _stage(worker, name), worker.fastvideo_args
    gpu = torch.cuda.is_available()
    if gpu:
        torch.cuda.reset_peak_memory_stats()
    seconds = []
    for _ in range(repeats + 1):
        batch = _batch(name)
        torch.cuda.synchronize()
        begun = time.perf_counter()
        with torch.no_grad():
            made = type(stage).forward(stage, batch, args)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begun)
    out = (made.prompt_embeds[0] if name == "text" else made.latents if name == "denoise" else made.output).float()
    before = _KEPT.setdefault(f"out {name}", out)
    off_by = ((out - before).norm() / before.norm()).item()
    return {
        "first": round(seconds[0], 4),
        "seconds": [round(value, 4) for value in seconds[1:]],
        "off_by": off_by,
        **({"tensors_gb": round(torch.cuda.max_memory_allocated() / 1e9, 2)} if gpu else {}),
    }


def pull(worker: Any, lever: str) -> str:
    """Pull a lever.

    Returns:
        What was changed, in a few words; what begins with `no:` could not be.
    """
    _UNDO[lever] = []
    tried = _tried(lambda: _LEVERS[lever](worker, _UNDO[lever]))
    return str(tried["got"]) if "got" in tried else f"no: {tried['error']}"


def release(worker: Any, lever: str) -> list[str]:  # noqa: ARG001
    """Take a lever back; what of it failed."""
    import gc

    import torch

    failed = [tried["error"] for undo in reversed(_UNDO.pop(lever, [])) if "error" in (tried := _tried(undo))]
    torch._dynamo.reset()
    gc.collect()
    if torch.cuda.is_available():
        _tried(torch.cuda.empty_cache)
    return failed


def _cudnn_search(worker: Any, undo: list[Callable[[], None]]) -> str:  # noqa: ARG001
    import torch

    torch.backends.cudnn.benchmark = True
    undo.append(lambda: setattr(torch.backends.cudnn, "benchmark", False))
    return "torch.backends.cudnn.benchmark"


def _channels_last(worker: Any, undo: list[Callable[[], None]]) -> str:
    import torch

    vae = worker.pipeline.modules["vae"]
    convolutions = [module for module in vae.modules() if isinstance(module, torch.nn.Conv3d | torch.nn.Conv2d)]
    for module in convolutions:
        layout = torch.channels_last_3d if isinstance(module, torch.nn.Conv3d) else torch.channels_last
        module.weight.data = module.weight.data.contiguous(memory_format=layout)

    def back() -> None:
        for module in convolutions:
            module.weight.data = module.weight.data.contiguous(memory_format=torch.contiguous_format)

    undo.append(back)
    return f"{len(convolutions)} convolutions"


def _half_weights(worker: Any, undo: list[Callable[[], None]]) -> str:
    import torch

    vae = worker.pipeline.modules["vae"]
    kept = {name: value.detach().clone() for name, value in vae.decoder.named_parameters()}
    vae.decoder.to(torch.bfloat16)
    vae.post_quant_conv.to(torch.bfloat16)

    def back() -> None:
        vae.decoder.to(torch.float32)
        vae.post_quant_conv.to(torch.float32)
        for name, value in vae.decoder.named_parameters():
            value.data.copy_(kept[name])

    undo.append(back)
    return "the decoder's weights in bf16"


def _tiled(worker: Any, undo: list[Callable[[], None]]) -> str:
    config = worker.fastvideo_args.pipeline_config
    config.vae_tiling = True
    undo.append(lambda: setattr(config, "vae_tiling", False))
    undo.append(lambda: setattr(worker.pipeline.modules["vae"], "use_tiling", False))
    return "pipeline_config.vae_tiling, as TTV's low-memory mode has it"


def _truly_tiled(worker: Any, undo: list[Callable[[], None]]) -> str:
    config, vae = worker.fastvideo_args.pipeline_config, worker.pipeline.modules["vae"]
    if not getattr(vae, "use_feature_cache", False):
        return "no: this VAE has no feature cache to turn off"
    if vae.config.patch_size is not None:
        return "no: FastVideo's tiles do not undo the patches of this VAE"
    config.vae_tiling, vae.use_feature_cache = True, False
    undo.append(lambda: setattr(vae, "use_feature_cache", True))
    undo.append(lambda: setattr(config, "vae_tiling", False))
    return "in tiles, without the feature cache"


def _as_loaded(model: Any) -> None:
    for module in model.modules():
        module.__dict__.pop("forward", None)


def _compiled_decoder(worker: Any, undo: list[Callable[[], None]]) -> str:
    vae = worker.pipeline.modules["vae"]
    count = worker.pipeline._compile_with_conditions(vae, {})
    undo.append(lambda: _as_loaded(vae))
    return f"{count} modules, as engine.compile.vae_enabled does"


def _blocks(worker: Any) -> Any:
    return worker.pipeline.modules["transformer"]


def _compiled_blocks(worker: Any, undo: list[Callable[[], None]]) -> str:
    transformer = _blocks(worker)
    count = worker.pipeline._compile_with_conditions(transformer, {})
    undo.append(lambda: _as_loaded(transformer))
    return f"{count} blocks, as engine.compile.enabled does"


def _compiled_regions(worker: Any, undo: list[Callable[[], None]]) -> str:
    from fastvideo.models.loader import fsdp_load

    transformer = _blocks(worker)
    traced = fsdp_load._enable_regional_attention_compile(transformer)
    count = fsdp_load._compile_model_regions(transformer, {})

    def back() -> None:
        for module in transformer.modules():
            module.__dict__.pop("forward", None)
            if hasattr(module, "_set_compile_forward_enabled"):
                module._set_compile_forward_enabled(False)

    undo.append(back)
    return f"{count} blocks with {traced} attentions, as experimental.inference_torch_compile does"


def _cudnn_attention(worker: Any, undo: list[Callable[[], None]]) -> str:  # noqa: ARG001
    import torch

    cuda = torch.backends.cuda
    before = (cuda.cudnn_sdp_enabled(), cuda.flash_sdp_enabled(), cuda.mem_efficient_sdp_enabled())
    cuda.enable_cudnn_sdp(True)
    cuda.enable_flash_sdp(False)
    cuda.enable_mem_efficient_sdp(False)
    # The mathematical one stays, for what cuDNN does not take.

    def back() -> None:
        cuda.enable_cudnn_sdp(before[0])
        cuda.enable_flash_sdp(before[1])
        cuda.enable_mem_efficient_sdp(before[2])

    undo.append(back)
    return f"cuDNN's attention, which FastVideo turns off (it was {before[0]})"


def _sage_attention(worker: Any, undo: list[Callable[[], None]]) -> str:
    from fastvideo.attention.backends.sage_attn import SageAttentionImpl
    from fastvideo.attention.layer import DistributedAttention

    changed = 0
    for module in _blocks(worker).modules():
        if isinstance(module, DistributedAttention):
            before = module.attn_impl
            module.attn_impl = SageAttentionImpl(module.num_heads, module.head_size, False, module.softmax_scale)
            undo.append(partial(setattr, module, "attn_impl", before))
            changed += 1
    return f"{changed} attentions, as attention_backend SAGE_ATTN has them"


def _matrices_tf32(worker: Any, undo: list[Callable[[], None]]) -> str:  # noqa: ARG001
    import torch

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    undo.append(lambda: torch.set_float32_matmul_precision(before))
    return "float32 products in tf32"


def _fp8(worker: Any, undo: list[Callable[[], None]]) -> str:
    """Not taken back: the weights are gone."""
    from fastvideo.layers.linear import LinearBase
    from fastvideo.layers.quantization.fp8_config import FP8Config, convert_model_to_fp8

    undo.clear()
    transformer, config, count = _blocks(worker), FP8Config(), 0
    for name, module in transformer.named_modules():
        method = config.get_quant_method(module, name) if isinstance(module, LinearBase) else None
        if method is not None and name.startswith("blocks."):
            module.quant_method = method
            count += 1
    convert_model_to_fp8(transformer)
    return f"{count} products, as engine.quantization.transformer_quant FP8 has them"


_LEVERS: dict[str, Callable[[Any, list[Callable[[], None]]], str]] = {
    "cudnn search": _cudnn_search,
    "channels last": _channels_last,
    "decoder in bf16": _half_weights,
    "vae_tiling": _tiled,
    "tiles": _truly_tiled,
    "compiled decoder": _compiled_decoder,
    "cudnn attention": _cudnn_attention,
    "sage attention": _sage_attention,
    "compiled blocks": _compiled_blocks,
    "compiled regions": _compiled_regions,
    "tf32": _matrices_tf32,
    "fp8": _fp8,
}
