# Two stages: the first builds yourl.pyz as anyone would, the second holds Python and that one file.
# tests/functional/test_container.py runs these steps without an engine; keep them in exec form.

FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN ["python3", "build_zipapp.py", "--output", "/src/yourl.pyz"]

FROM python:3.13-slim
LABEL org.opencontainers.image.title="yourl" \
      org.opencontainers.image.description="Answers any HTTP request with what really arrived, and why it believes it" \
      org.opencontainers.image.vendor="Yourl Cloud Inc." \
      org.opencontainers.image.licenses="MIT"

# The slim image comes without bytecode and the user below may not write any: without this step each
# start would compile the standard library anew. Unchecked hashes need no file times.
RUN ["python3", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", \
     "-x", "/(ensurepip|idlelib|pydoc_data|site-packages|test|tkinter|turtledemo)/", "/usr/local/lib/python3.13"]

COPY --from=build --chmod=0444 /src/yourl.pyz /app/yourl.pyz

# A number, because Kubernetes cannot prove that a user with a name is not root (runAsNonRoot).
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python3", "/app/yourl.pyz", "health"]
ENTRYPOINT ["python3", "/app/yourl.pyz"]
CMD ["serve"]
