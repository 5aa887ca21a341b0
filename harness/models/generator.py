"""A language model that writes: encoder-decoders and decoders of the Hugging Face library."""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import transformers
from torch.nn.functional import log_softmax, pad

from harness.models import generation
from harness.models.generation import Generation
from harness.models.model import Piece, piece
from harness.models.prompt import Source, end, prompts, sources
from harness.prediction import Prediction, Text
from harness.rng import rng
from harness.tasks.task import Task
from harness.text import Example

BUDGET = 2048
"""Padded tokens per batch. Each step reads all weights, so that more rows than for one pass pay."""
DEFAULT = Generation()
NONE = np.zeros((0, 2), np.int32)


@dataclass(frozen=True)
class Sheet:
    """What is read, and the reference that is to be scored.

    Args:
        source: As token ids.
        gold: Token ids of the first reference, with the end; empty if there is none.
        key: Keys what is drawn for this source.
    """

    source: Source
    gold: list[int]
    key: str


@dataclass(frozen=True)
class Output:
    """What came of a sheet; see :class:`harness.prediction.Text`.

    Args:
        ids: Tokens that were generated, with the end.
        logprob: Of them, in nats.
        gold: Log-probability of the reference, in nats; NaN without one.
        cut: Whether the limit ended it.
    """

    ids: list[int]
    logprob: float
    gold: float
    cut: bool


class Generator:
    """A checkpoint that writes texts: float32, no dropout, safetensors, no remote code.

    Args:
        network: An encoder-decoder or a causal language model.
        tokenizer: Its fast tokenizer.
        task: With the form ``TEXT``.
        device: Where to compute.
        settings: How to generate.

    Raises:
        ValueError: If the output may get longer than the model can write, or no token ends a text.
    """

    reads_gold = True
    budget = BUDGET

    def __init__(
        self, network: Any, tokenizer: Any, task: Task, device: str, settings: Generation = DEFAULT
    ) -> None:
        self.network = network.to(device).eval()
        self.tokenizer, self.task, self.device, self.settings = tokenizer, task, device, settings
        self.paired = bool(network.config.is_encoder_decoder)
        ending = end(tokenizer)
        if ending is None:
            raise ValueError("the tokenizer has no token that ends a text")
        self.end: int = ending
        self.ends = sorted({ending, *_ids(network.generation_config.eos_token_id)})
        self.room = min(
            _positions(getattr(network.config, "decoder", network.config)), tokenizer.model_max_length
        )
        reading = _positions(getattr(network.config, "encoder", network.config))
        least = 1 if self.paired else 8
        if settings.max_new_tokens > self.room - least:
            raise ValueError(
                f"generation.max_new_tokens should be at most {self.room - least} for this model, "
                f"found {settings.max_new_tokens}"
            )
        taken = 0 if self.paired else settings.max_new_tokens
        self.length = int(min(settings.max_source_tokens, reading - taken, tokenizer.model_max_length))

    @classmethod
    def load(cls, where: str | Path, task: Task, device: str) -> Generator:
        """Read a checkpoint folder, or a hub name.

        Raises:
            OSError: If there are no safetensors weights there.
            ValueError: If weights are missing, or its settings cannot be used.
        """
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, use_fast=True, trust_remote_code=False)
        config = transformers.AutoConfig.from_pretrained(where, trust_remote_code=False)
        kind = "AutoModelForSeq2SeqLM" if config.is_encoder_decoder else "AutoModelForCausalLM"
        network, info = getattr(transformers, kind).from_pretrained(
            where,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
        if info["missing_keys"]:
            raise ValueError(
                f"{where} has no weights for {', '.join(sorted(info['missing_keys'])[:3])}: it is not a "
                f"fine-tuned {task.name} model"
            )
        settings = generation.read(Path(where)) or _published(network)
        return cls(network, prepared(tokenizer), task, device, settings)

    @property
    def labels(self) -> tuple[str, ...]:
        """None: texts have no labels."""
        return ()

    # -- what is read ----------------------------------------------------------------------------

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per example; its data are a :class:`Sheet`."""
        if self.paired:
            readings = [self.task.inputs(example)[0] for example in examples]
            found = sources(self.tokenizer, readings, self.length)
        else:
            found = prompts(self.tokenizer, self.task, examples, self.length)
        return [[self._piece(*one)] for one in zip(examples, found, strict=True)]

    def _piece(self, example: Example, source: Source) -> Piece:
        gold = self.written(str(self.task.gold(example, NONE, self.labels))) if example.references else []
        room = self.room if self.paired else self.room - len(source.ids)
        key = hashlib.blake2b(repr((source.ids, source.types)).encode(), digest_size=8).hexdigest()
        sheet = Sheet(source, gold[:room], key)
        return piece(len(source.ids) + len(sheet.gold), (key, sheet.gold, source.lost), sheet)

    def written(self, text: str) -> list[int]:
        """The token ids of a text that is written: what follows the start, with the end."""
        if not self.paired:
            return [*self.tokenizer(text, add_special_tokens=False)["input_ids"], self.end]
        ids = list(self.tokenizer(text_target=text)["input_ids"])
        ids = ids[1:] if ids and ids[0] == _start(self.network) != self.end else ids
        return ids if ids and ids[-1] == self.end else [*ids, self.end]

    # -- what is written -------------------------------------------------------------------------

    def forward(self, pieces: Sequence[Piece]) -> list[Output]:
        """The reference's log-probability and a text for each sheet, one pass over the source for both."""
        sheets = [one.data for one in pieces]
        with torch.inference_mode():
            state: _State = (_Paired if self.paired else _Causal)(self, sheets)
            gold = _likelihood(state, [sheet.gold for sheet in sheets])
            if self.settings.beams == 1:
                written, said = self._stepwise(state, sheets)
            else:
                written = self._beams(state)
                said = _likelihood(state, written)
        return [
            Output(ids, logprob, of_gold, ids[-1] not in self.ends)
            for ids, logprob, of_gold in zip(written, said, gold, strict=True)
        ]

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """The text with what is known of it."""
        (output,), sheet = outputs, pieces[0].data
        text = self.tokenizer.decode(output.ids, skip_special_tokens=True).strip()
        said = Text(
            text,
            output.logprob,
            len(output.ids),
            output.gold,
            len(sheet.gold),
            output.cut,
            sheet.source.lost,
        )
        return self.task.decode(example, NONE, said, self.labels)

    def scorer(self) -> Scorer:
        """The same model, asked for the references only."""
        return Scorer(self)

    def _stepwise(self, state: _State, sheets: Sequence[Sheet]) -> tuple[list[list[int]], list[float]]:
        """Token by token, greedy or drawn; rows that have ended leave the batch."""
        steps, rules = self.settings.max_new_tokens, self._rules()
        drawn = self._drawn(sheets)
        ends = torch.tensor(self.ends, device=self.device)
        written = torch.zeros((len(sheets), steps), dtype=torch.long, device=self.device)
        logprobs = torch.zeros(len(sheets), dtype=torch.float64, device=self.device)
        lengths = np.zeros(len(sheets), int)
        rows = torch.arange(len(sheets), device=self.device)
        logits = state.logits
        for step in range(steps):
            scores = rules(written[rows, :step], logits.clone() if len(rules) else logits)
            token = scores.argmax(-1) if drawn is None else self._draw(scores, drawn[rows, step])
            logprobs[rows] += log_softmax(logits, -1).gather(-1, token[:, None])[:, 0]
            written[rows, step] = token
            lengths[rows.cpu().numpy()] += 1
            going = (~torch.isin(token, ends)).nonzero()[:, 0]
            if not len(going) or step + 1 == steps:
                break
            if len(going) < len(rows):
                rows, token = rows[going], token[going]
                state.keep(going)
            logits = state.step(token)
        ids = [row[:length] for row, length in zip(written.tolist(), lengths, strict=True)]
        return ids, logprobs.tolist()

    def _drawn(self, sheets: Sequence[Sheet]) -> torch.Tensor | None:
        """Uniform numbers, shape ``(rows, steps)``, keyed by the seed and the source alone."""
        if not self.settings.sample:
            return None
        steps, seed = self.settings.max_new_tokens, self.settings.seed
        return torch.tensor(
            np.stack([rng(seed, "generate", sheet.key).random(steps) for sheet in sheets]), device=self.device
        )

    def _draw(self, scores: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
        """The token at which the cumulative probability, most probable first, passes a uniform number."""
        likely = (scores.double() / self.settings.temperature).softmax(-1)
        likely, order = likely.sort(dim=-1, descending=True, stable=True)
        before = likely.cumsum(-1) - likely
        likely = likely * (before < self.settings.top_p)
        passed = likely.cumsum(-1)
        at = (passed <= uniform[:, None] * passed[:, -1:]).sum(-1, keepdim=True)
        last = (likely > 0).sum(-1, keepdim=True) - 1
        chosen: torch.Tensor = order.gather(-1, torch.minimum(at, last))[:, 0]
        return chosen

    def _rules(self) -> transformers.LogitsProcessorList:
        """What must and must not be said: our settings, and what the model's publisher demands."""
        told = self.network.generation_config
        rules = transformers.LogitsProcessorList()
        if self.settings.no_repeat_ngram:
            rules.append(transformers.NoRepeatNGramLogitsProcessor(self.settings.no_repeat_ngram))
        if told.bad_words_ids:
            rules.append(transformers.NoBadWordsLogitsProcessor(told.bad_words_ids, self.ends))
        if told.forced_bos_token_id is not None:
            rules.append(_First(told.forced_bos_token_id))
        return rules

    def _beams(self, state: _State) -> list[list[int]]:
        """The beam search of the library."""
        settings, given = self.settings, state.given()
        how = transformers.GenerationConfig(
            max_new_tokens=settings.max_new_tokens,
            num_beams=settings.beams,
            length_penalty=settings.length_penalty,
            early_stopping=True,
            eos_token_id=self.ends,
            pad_token_id=self.tokenizer.pad_token_id,
            decoder_start_token_id=_start(self.network) if self.paired else None,
        )
        rules = self._rules()
        prompt = 1 if self.paired else given["input_ids"].shape[1]
        told, self.network.generation_config = self.network.generation_config, how  # it fills in from there
        try:
            found = self.network.generate(
                **given,
                generation_config=how,
                logits_processor=[lambda ids, scores: rules(ids[:, prompt:], scores)] if len(rules) else [],
            )
        finally:
            self.network.generation_config = told
        return [_until(row[prompt:], self.ends) for row in found.tolist()]


class Scorer:
    """Says how likely a model that writes is to write the first reference, and writes nothing.

    It costs one pass, where writing costs one for each token.

    Args:
        model: The model that would write.
    """

    reads_gold = True
    budget = BUDGET

    def __init__(self, model: Generator) -> None:
        self.model = model

    @property
    def labels(self) -> tuple[str, ...]:
        """None, as for the model."""
        return self.model.labels

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """As for the model."""
        return self.model.encode(examples)

    def forward(self, pieces: Sequence[Piece]) -> list[Output]:
        """The reference's log-probability for each sheet."""
        sheets = [one.data for one in pieces]
        with torch.inference_mode():
            state: _State = (_Paired if self.model.paired else _Causal)(self.model, sheets)
            gold = _likelihood(state, [sheet.gold for sheet in sheets])
        return [Output([], float("nan"), one, False) for one in gold]

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """An empty text, with what is known of the reference."""
        return self.model.decode(example, pieces, outputs)


def prepared(tokenizer: Any) -> Any:
    """The tokenizer; where it has no token for padding, which is never looked at, with the end for it."""
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def publish(network: Any, settings: Generation) -> None:
    """Write the settings into the network's configuration, for those who use it without us."""
    told = network.generation_config
    told.max_length = told.temperature = told.top_p = told.top_k = None
    told.update(**settings.arguments)


def _published(network: Any) -> Generation:
    """What the publisher of a model that is not ours says; sampling is not the default."""
    told = network.generation_config
    return Generation(
        max_new_tokens=told.max_new_tokens or Generation.max_new_tokens,
        beams=told.num_beams or 1,
        length_penalty=1.0 if told.length_penalty is None else float(told.length_penalty),
        no_repeat_ngram=told.no_repeat_ngram_size or 0,
    )


def _ids(found: int | Sequence[int] | None) -> list[int]:
    return [] if found is None else [found] if isinstance(found, int) else list(found)


def _positions(config: Any) -> int:
    """How many tokens a network can tell the places of; those with relative positions have no limit."""
    return int(getattr(config, "max_position_embeddings", None) or 2**20)


def _start(network: Any) -> int:
    told = network.generation_config.decoder_start_token_id
    return int(network.config.decoder_start_token_id if told is None else told)


def _until(ids: list[int], ends: Sequence[int]) -> list[int]:
    """As far as the first end, which is kept."""
    return ids[: next((at + 1 for at, one in enumerate(ids) if one in ends), len(ids))]


class _First(transformers.LogitsProcessor):  # type: ignore[misc]
    """Forces the first token that is written, such as that of a language."""

    def __init__(self, token: int) -> None:
        self.token = token

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if ids.shape[1]:
            return scores
        only = torch.full_like(scores, -float("inf"))
        only[:, self.token] = 0.0
        return only


# -- what a network knows so far -----------------------------------------------------------------


class _State(Protocol):
    """Rows that have read their sources and are about to write.

    Args:
        logits: Of the first token, shape ``(rows, vocabulary)``.
    """

    logits: torch.Tensor

    def step(self, tokens: torch.Tensor) -> torch.Tensor:
        """Write a token a row; the logits of the next."""

    def keep(self, rows: torch.Tensor) -> None:
        """Let the other rows go."""

    def follow(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits of each next token if these had been written, ``(rows, tokens, vocabulary)``, from the
        state before the first step, which stays as it is."""

    def given(self) -> dict[str, Any]:
        """The sources as arguments of the library's ``generate``."""


class _Causal:
    """A decoder that has read prompts, padded on the left."""

    def __init__(self, model: Generator, sheets: Sequence[Sheet]) -> None:
        self.network = model.network
        known = inspect.signature(self.network.forward).parameters
        self.placed, last = "position_ids" in known, "logits_to_keep" in known
        rows = [sheet.source.ids for sheet in sheets]
        longest = max(len(row) for row in rows)
        fill = model.tokenizer.pad_token_id or 0
        self.ids = torch.tensor([[fill] * (longest - len(row)) + row for row in rows], device=model.device)
        self.mask = torch.tensor(
            [[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=model.device
        )
        said = self._read(self.ids, self.mask, None, **({"logits_to_keep": 1} if last else {}))
        self.cache, self.logits = said.past_key_values, said.logits[:, -1].float()

    def _read(self, ids: torch.Tensor, mask: torch.Tensor, cache: Any, **more: Any) -> Any:
        if self.placed:
            places = (mask.cumsum(-1) - 1).clamp(min=0)
            more["position_ids"] = places[:, -ids.shape[1] :]
        return self.network(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **more)

    def step(self, tokens: torch.Tensor) -> torch.Tensor:
        self.mask = pad(self.mask, (0, 1), value=1)
        said = self._read(tokens[:, None], self.mask, self.cache)
        self.cache = said.past_key_values
        logits: torch.Tensor = said.logits[:, -1].float()
        return logits

    def keep(self, rows: torch.Tensor) -> None:
        self.mask = self.mask[rows]
        self.cache.batch_select_indices(rows)

    def follow(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        first: torch.Tensor = self.logits[:, None]
        if ids.shape[1] == 1:
            return first
        whole = torch.cat([self.mask, mask[:, :-1]], -1)
        said = self._read(ids[:, :-1], whole, copy.deepcopy(self.cache))
        return torch.cat([first, said.logits.float()], 1)

    def given(self) -> dict[str, Any]:
        return {"input_ids": self.ids, "attention_mask": self.mask}


class _Paired:
    """An encoder-decoder whose encoder has read sources, padded on the right."""

    def __init__(self, model: Generator, sheets: Sequence[Sheet]) -> None:
        from harness.models.transformer import pad as padded

        self.network = model.network
        told = [sheet.source for sheet in sheets]
        batch = padded(model.tokenizer, [one.ids for one in told], model.device, [one.types for one in told])
        self.mask = batch["attention_mask"]
        self.encoded = self.network.get_encoder()(**batch)
        self.start = torch.full((len(sheets), 1), _start(self.network), device=model.device)
        self.cache: Any = None
        self.logits = self.step(self.start[:, 0])

    def _write(self, ids: torch.Tensor, **more: Any) -> Any:
        return self.network(
            encoder_outputs=self.encoded, attention_mask=self.mask, decoder_input_ids=ids, **more
        )

    def step(self, tokens: torch.Tensor) -> torch.Tensor:
        said = self._write(tokens[:, None], past_key_values=self.cache, use_cache=True)
        self.cache = said.past_key_values
        logits: torch.Tensor = said.logits[:, -1].float()
        return logits

    def keep(self, rows: torch.Tensor) -> None:
        hidden = self.encoded.last_hidden_state[rows]
        self.encoded = transformers.modeling_outputs.BaseModelOutput(last_hidden_state=hidden)
        self.mask = self.mask[rows]
        self.cache.batch_select_indices(rows)

    def follow(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self._write(
            torch.cat([self.start, ids[:, :-1]], -1), use_cache=False
        ).logits.float()
        return logits

    def given(self) -> dict[str, Any]:
        encoded = copy.copy(self.encoded)  # the library repeats its rows in place
        return {"encoder_outputs": encoded, "attention_mask": self.mask}


def _likelihood(state: _State, written: Sequence[list[int]]) -> list[float]:
    """The log-probability of each text, in nats; NaN for those without a token."""
    longest = max(len(ids) for ids in written)
    if not longest:
        return [float("nan")] * len(written)
    device = state.logits.device
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in written], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in written], device=device)
    said = [
        log_softmax(logits[: len(row)], -1).gather(-1, own[: len(row), None]).double().sum()
        for logits, own, row in zip(state.follow(ids, mask), ids, written, strict=True)
    ]
    return [float(one) if row else float("nan") for one, row in zip(said, written, strict=True)]
