# nn_viz as an image: `make docker`, then `docker compose --profile cpu up` (or gpu).
#
# Two stages: the first installs the packages and nn_viz itself, the second holds Python and what was installed. Neither
# has a compiler: every package comes as a wheel, and --only-binary makes the build stop rather than look for one.
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
# cpu, or a CUDA version that PyTorch builds for, such as cu130.
ARG TORCH_VARIANT=cpu
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_INPUT=1 \
    PIP_ONLY_BINARY=:all:
WORKDIR /build
COPY requirements.txt constraints.txt ./
# torch and torchvision alone, from PyTorch's own index, at the versions of requirements.txt; all else from PyPI.
# "2.13.0+cpu" satisfies "torch==2.13.0", so the second pip leaves them as they are.
RUN python -m venv /opt/nn_viz \
    && grep -E '^torch(vision)?==' requirements.txt > torch.txt \
    && /opt/nn_viz/bin/pip install --no-deps --index-url "https://download.pytorch.org/whl/${TORCH_VARIANT}" -r torch.txt \
    && /opt/nn_viz/bin/pip install -r requirements.txt
# Last, because it changes most often. It is built with the setuptools that torch brings.
COPY pyproject.toml README.md LICENSE ./
COPY nn_viz nn_viz
RUN /opt/nn_viz/bin/pip install --no-deps --no-build-isolation . \
    && /opt/nn_viz/bin/pip check
# The training steps, compiled for the processor of this machine; on another one they are compiled at the first start.
RUN NN_VIZ_CACHE=/opt/nn_viz/compiled /opt/nn_viz/bin/python -m nn_viz.training.kernels \
    && chmod -R a+rX /opt/nn_viz/compiled

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/nn_viz/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    NN_VIZ_CACHE=/data \
    NN_VIZ_KERNELS=/opt/nn_viz/compiled \
    HOME=/home/learner
# A fixed id, so that the owner of a mounted folder can be set from outside.
RUN groupadd --gid 10001 learner \
    && useradd --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin learner \
    && install -d -o learner -g learner /data
COPY --from=packages /opt/nn_viz /opt/nn_viz
WORKDIR /home/learner
USER 10001:10001
# MNIST is downloaded here once, on request, and outlives the container.
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["nn-viz", "--host", "0.0.0.0", "--port", "8501", "--no-browser"]
