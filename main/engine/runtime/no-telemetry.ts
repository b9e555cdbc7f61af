/** Imported before onnxruntime-node, which reads this when it is loaded: nothing about anybody's runs leaves the machine, or is noted in the temporary folder. */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
