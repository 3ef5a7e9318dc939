# Serves the page, without TensorFlow; the README has the commands. Corrections are kept in the volume.
# A tag may be moved; to pin the image, pass its digest: --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

WORKDIR /app
COPY requirements-image.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements-image.txt \
    && useradd --create-home --uid 1000 visitor \
    && install --directory --owner visitor feedback
COPY app.py ./
COPY model model
COPY pad pad

USER 1000
ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 PYTHONUNBUFFERED=1
EXPOSE 7860
VOLUME /app/feedback
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/readyz', timeout=4)"]
CMD ["python", "app.py"]
