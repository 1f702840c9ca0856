# One image for every role: `run` (default), `worker`, `web`, `poll` …
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY aggregator aggregator
RUN python -m venv /opt/aggregator && /opt/aggregator/bin/pip install --no-cache-dir '.[postgres,fulltext,fast]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/aggregator --create-home aggregator
COPY --from=build /opt/aggregator /opt/aggregator
ENV PATH=/opt/aggregator/bin:$PATH PYTHONUTF8=1 PYTHONUNBUFFERED=1 \
    AGGREGATOR_CONFIG=/etc/aggregator/aggregator.yaml
# by number: orchestrators that refuse root cannot look names up
USER 10001
WORKDIR /var/lib/aggregator
VOLUME /var/lib/aggregator
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["aggregator"]
CMD ["run"]
