# Serves the page, without TensorFlow; the README has the commands. Corrections are kept in the volume.
# The digest is that of the index, for all platforms: docker buildx imagetools inspect python:3.11.15-slim-bookworm
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

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
