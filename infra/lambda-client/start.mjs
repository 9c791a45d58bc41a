// Lambda leaves _HANDLER empty for an image, and its client asks for it: as in AWS's own base images, the image's command names it.
const [, , handler] = process.argv;
process.env._HANDLER = handler;
process.env.LAMBDA_TASK_ROOT = process.cwd();
await import('aws-lambda-ric');
