import type { ApiError, ErrorCode } from '$generated/api';

export function refuse(code: ErrorCode, values: Record<string, string> = {}, host?: string): ApiError {
  return host === undefined ? { code, values } : { code, values, host };
}
