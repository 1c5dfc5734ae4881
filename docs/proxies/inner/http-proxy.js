// http-proxy (Node) behind another proxy of yours: the edge has set every header, this one adds itself.
// npm install http-proxy
// yourl beside it: YOURL_TRUSTED_PROXIES= with the addresses of both proxies, or 2
const http = require('http');
const httpProxy = require('http-proxy');

const proxy = httpProxy.createProxyServer({
  target: 'http://127.0.0.1:8080',
  // Appends to X-Forwarded-For, and to -Proto and -Port as well.
  xfwd: true,
  // A finding's fix goes here, in place of the lines for the same header.
});

const server = http.createServer((req, res) => proxy.web(req, res));
server.on('upgrade', (req, socket, head) => proxy.ws(req, socket, head));
proxy.on('error', (error, req, res) => {
  if (res.writeHead && !res.headersSent) res.writeHead(502);
  res.end();
});
// Only the edge may connect: every sender is believed here.
server.listen(8081, '127.0.0.1');
