/** /settings/exchange-rates: dated rates, by which approval limits reach documents in other currencies. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  ActionBody,
  CommandHeaders,
  CREATE_PROBLEMS,
  DryRunQuery,
  idParams,
  LIST_PROBLEMS,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import { CreateExchangeRate, ExchangeRatePage, ExchangeRateQuery, ExchangeRateReply } from './exchange-rate.schema.ts';
import type { ExchangeRateService } from './exchange-rate.service.ts';

const RateRef = ref(ExchangeRateReply);
const params = idParams({ id: 'exchange_rate' });
const tags = ['settings'];

const ACTIONS = [
  {
    action: 'approve',
    summary: 'Approve an exchange rate that another admin proposed',
    body: ActionBody,
    ifMatch: 'required',
  },
  { action: 'reject', summary: 'Reject a proposed exchange rate', body: ReasonBody },
] as const;

export const exchangeRateRoutes: FastifyPluginAsyncTypebox<{ readonly exchangeRates: ExchangeRateService }> = async (
  app,
  { exchangeRates },
) => {
  app.post(
    '/settings/exchange-rates',
    {
      config: { permission: 'settings:update' },
      schema: {
        operationId: 'createExchangeRate',
        summary: 'Add a dated exchange rate; in production a second admin approves it',
        tags,
        headers: CommandHeaders,
        querystring: DryRunQuery,
        body: ref(CreateExchangeRate),
        response: { 201: RateRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => exchangeRates.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/settings/exchange-rates/${id}`,
      }),
  );

  app.get(
    '/settings/exchange-rates',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'listExchangeRates',
        summary: 'List exchange rates',
        tags,
        querystring: ExchangeRateQuery,
        response: { 200: ref(ExchangeRatePage), ...LIST_PROBLEMS },
      },
    },
    (request) => exchangeRates.list(request.query, pageRequest(request)),
  );

  app.get(
    '/settings/exchange-rates/:id',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getExchangeRate',
        summary: 'Read an exchange rate',
        tags,
        params,
        response: { 200: RateRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const rate = await exchangeRates.get(request.params.id);
      return sendEntity(reply, rate, rate);
    },
  );

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/settings/exchange-rates/:id/${action}`,
      operationId: `${action}ExchangeRate`,
      summary,
      tags,
      permission: 'settings:approve',
      params,
      body,
      ...rest,
      reply: RateRef,
      run: (command, { id }, { reason }) => exchangeRates.decide(command, id, action, reason),
    });
};
