# The service: API, worker and command line in one image. Its configuration comes by environment (docs/settings.md).

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv /venv \
 && /venv/bin/pip install --require-hashes --no-deps -r requirements.lock
# The build backend, at the versions and hashes of the lock, in an environment that stays in this stage.
RUN python -m venv /backend \
 && for name in hatchling packaging pathspec pluggy tomlkit trove-classifiers; do \
      awk -v name="$name==" 'index($0, name) == 1 {on = 1} on {print} on && !/\\$/ {exit}' requirements-dev.lock; \
    done >/backend/requirements.lock \
 && /backend/bin/pip install --require-hashes --no-deps -r /backend/requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /backend/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /venv/bin/pip install --no-deps --no-index /wheels/*.whl
# Installed, the code looks for its migrations in the package.
COPY migrations /venv/lib/python3.12/site-packages/raccord/migrations

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin raccord
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 RACCORD_HOST=0.0.0.0 RACCORD_PORT=8000
USER 10001
WORKDIR /home/raccord
EXPOSE 8000
# Ready means: the database answers, at this code's schema. A worker, which serves no HTTP, switches this off.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['RACCORD_PORT'] + '/health/ready', timeout=2)"]
ENTRYPOINT ["raccord"]
CMD ["serve"]
