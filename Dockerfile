# jaso with Chromium and a Korean font. torch's CPU build: --build-arg PIP_EXTRA_INDEX_URL=<PyTorch's index of CPU wheels>.
FROM python:3.11-slim-bookworm
ARG PIP_EXTRA_INDEX_URL
RUN apt-get update && apt-get install -y --no-install-recommends make chromium chromium-driver fonts-nanum \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /jaso
COPY . .
RUN make setup
ENV PATH=/jaso/.venv/bin:$PATH
CMD ["jaso", "--help"]
