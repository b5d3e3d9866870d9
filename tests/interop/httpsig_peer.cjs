// npm http-message-signatures as a program: one JSON request a line, one JSON answer a line.
//
// {"op": "base" | "sign" | "verify", "message", "request"?, "key": {"id", "alg", "pem" | "secret"}, "fields"?, "name"?,
//  "params"?, "values"?}
'use strict';
const crypto = require('node:crypto');
const readline = require('node:readline');
const {httpbis, createSigner, createVerifier} = require(process.argv[2]);

function material(key) {
  return key.secret !== undefined ? Buffer.from(key.secret, 'base64') : key.pem;
}

async function answer(asked) {
  const {message, request, key} = asked;
  if (asked.op === 'base') {
    const base = httpbis.createSignatureBase({fields: asked.fields}, message, request);
    return {base: httpbis.formatSignatureBase(base)};
  }
  if (asked.op === 'sign') {
    const values = {...asked.values};
    for (const name of ['created', 'expires']) {
      if (values[name]) values[name] = new Date(values[name] * 1000);
    }
    const signer = createSigner(material(key), key.alg, key.id);
    const config = {key: signer, name: asked.name, fields: asked.fields, params: asked.params, paramValues: values};
    return {headers: (await httpbis.signMessage(config, message, request)).headers};
  }
  const verifier = createVerifier(material(key), key.alg);
  const keyLookup = async (params) => (params.keyid === key.id || params.keyid === undefined)
    ? {id: key.id, algs: [key.alg], verify: verifier} : null;
  return {verified: await httpbis.verifyMessage({keyLookup, all: true}, message, request)};
}

(async () => {
  for await (const line of readline.createInterface({input: process.stdin})) {
    let found;
    try {
      found = await answer(JSON.parse(line));
    } catch (error) {
      found = {error: String(error.message || error)};
    }
    process.stdout.write(JSON.stringify(found) + '\n');
  }
})();
