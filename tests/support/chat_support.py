"""Chat templates written in the shape of public ones, and tiny tokenizers and models that have them.

None is a copy: they have the structure (roles, tokens, line ends, thinking, refusals) with words of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TEXTS = [
    "지원 동기를 말씀해 주세요.", "저는 서버를 오래 다루어 왔습니다.", "장점은 무엇입니까?", "끝까지 해내는 점입니다.",
    "친절하게 답하는 도우미입니다.", "직무: ICT, 경력: 신입", "user\nassistant\nsystem\nmodel\n", "팀원과 함께 끝냈습니다.",
]  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A template with its tokenizer's special tokens; `adds_bos`: the tokenizer itself begins texts with BOS."""

    template: str
    tokens: tuple[str, ...]
    eos: str
    bos: str | None = None
    plain_tokens: tuple[str, ...] = ()
    adds_bos: bool = False


# ChatML; the last answer has a thinking block, earlier ones lose theirs, the generation prompt may hold an empty one.
QWEN3 = Shape(
    """\
{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last_question=-1) %}
{%- for message in messages %}
    {%- if message.role == 'user' %}
        {%- set ns.last_question = loop.index0 %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set text = message.content %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + text + '<|im_end|>\\n' }}
    {%- elif message.role == 'assistant' %}
        {%- set thought = '' %}
        {%- if '</think>' in text %}
            {%- set thought = text.split('</think>')[0].split('<think>')[-1].strip('\\n') %}
            {%- set text = text.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_question and (loop.last or thought) %}
            {{- '<|im_start|>assistant\\n<think>\\n' + thought + '\\n</think>\\n\\n' + text }}
        {%- else %}
            {{- '<|im_start|>assistant\\n' + text }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
    ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    "<|im_end|>",
    plain_tokens=("<think>", "</think>"),
)

# Tokens in square brackets with bars, an empty system turn where none is given, a line end after each turn.
EXAONE = Shape(
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}{{ '[|system|][|endofturn|]\\n' }}{% endif %}"
    "{{ '[|' + message['role'] + '|]' + message['content'] }}"
    "{% if message['role'] == 'user' %}{{ '\\n' }}{% else %}{{ '[|endofturn|]\\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}",
    ("[BOS]", "[PAD]", "[|endofturn|]", "[|system|]", "[|user|]", "[|assistant|]"),
    "[|endofturn|]",
    "[BOS]",
)

_HEADERS = (
    "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim"
    " + '<|eot_id|>' }}"
)

# Headers of roles after BOS, with no system text of its own.
KANANA = Shape(
    "{{- bos_token }}"
    "{%- for message in messages %}" + _HEADERS + "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}",
    ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "<|eot_id|>",
    "<|begin_of_text|>",
)

# As Kanana's, with today's date in a system turn that is always there; the tokenizer adds BOS, too.
LLAMA3 = Shape(
    """\
{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = strftime_now("%d %b %Y") %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\nToday: ' + date_string + '\\n\\n' + system + '<|eot_id|>' }}
{%- for message in messages %}
    """
    + _HEADERS
    + """
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "<|eot_id|>",
    "<|begin_of_text|>",
    adds_bos=True,
)

# No system role, roles must alternate, the assistant is "model"; a turn's end is not the end-of-text token.
GEMMA = Shape(
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}",
    ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
    "<eos>",
    "<bos>",
    adds_bos=True,
)

SHAPES = {"qwen3": QWEN3, "exaone": EXAONE, "kanana": KANANA, "llama3": LLAMA3, "gemma": GEMMA}


def chat_tokenizer(shape: Shape, texts: Sequence[str] = TEXTS) -> PreTrainedTokenizerFast:
    """A byte-level BPE of 400 tokens, trained on a few sentences, with a shape's tokens and template."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    # Words, signs and line ends apart, as in the tokenizers of these models.
    words = pre_tokenizers.Split(Regex(r" ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s*[\r\n]+|\s+"), "isolated")
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    raw.train_from_iterator(texts, trainer)
    raw.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in shape.tokens])
    raw.add_tokens([AddedToken(token, normalized=False) for token in shape.plain_tokens])
    if shape.adds_bos:
        bos = str(shape.bos)
        raw.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, raw.token_to_id(bos))]
        )
    names: dict[str, Any] = {"eos_token": shape.eos, "pad_token": shape.tokens[0]}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, **names, **({"bos_token": shape.bos} if shape.bos else {})
    )
    tokenizer.chat_template = shape.template
    return tokenizer


def write_chat_model(folder: Path, shape: Shape = QWEN3, kind: str = "qwen3", **config: Any) -> Path:
    """A small model with random weights in the shape of Qwen3, with the tokenizer of `shape`."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tokenizer = chat_tokenizer(shape)
    sizes: dict[str, Any] = {
        "vocab_size": 416, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 256, "tie_word_embeddings": True,
        "eos_token_id": tokenizer.eos_token_id, "bos_token_id": None, "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **{**sizes, **config}))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
