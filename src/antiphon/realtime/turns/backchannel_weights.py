"""The weights of `backchannels`: those into the hidden numbers, row by row for each feature, their bias, those to
the score, its bias; half-precision numbers in base 85. Written by `bench/turns/fit.py`."""

NUM_HIDDEN = 16
# At this score as many backchannels as interruptions are mistaken, of voices that were not fitted.
THRESHOLD = -0.06

WEIGHTS = """
Ni0<?2`!%v0Iek)9x7F?5F#$E%qn%WcP&aVCnUe6NGh-}d8FR1*{I&5Q=r@}rmz05N2gG%5HkIykg2aL=&XJ&QK>Mlp|8!amo1;1(XXf}oUx9u
j;>Rxyrj3MaI8Y9wV~}TXRL3q0ILfy2BMFiq$mQepsQdjeXx73g0U2>fGwLW3ZKNR@UXxwel7bl{V~{?xhH6^WvIofr>k@{a4K^sC@9Stg0G({
?lI>uVl?@#d9u-^)T%ElO0Vs!6|WO2f-y%dtE*isi6FEtNH8U@>#G8;M=T(v=&Z}GL#{$Ab}-DXrz38zNiN_b#4Ug<k0PI+i>)ds@25X0N31=j
l(3YojIC+3#idcO?y?W5hcVeLSgjwV7A1R}_cDyJ$r`aL$FwOU%d!_F)E^bKAh6J>RWC>!)hiP-o3sTSpRv?0K`1-0Pcc2Ot1`2uRWh<9B(M^*
j3{0lp|t_9G%nLIPP8Vh&nNq?wy)x>!8DDP46!z~P^?0$c(G2h(5(9|L^1Cfr>T)F-n7Oo->h!2=CNEYm#z1$TB;^0_NBWlCnqB?x-Ro9doh<X
6R)2yIkL8=Qn9QdW-)gvH?BG@AF#AAJSrqK{4lC4R3_=CJ*>kpnWx|~ur1Fe`mJ>_d@%4b-zGyagEE6E2d#Is{j0?<9<3a*Gp%o}r!FQe8Zad=
P^A|y%&Q<H2eg>3JTbo?(yc3}D78l_m^14sz#$4O;xv@2HLRR5dNC3*!mNj`&m&#1D6{~aC8Hx5iK*(d46ER>i=<O7)hmfFZL#C4gfMikW~h{|
ODz~Cfw1E+Xs;)<@USZqGp}(dkhD%LIyH$j`n0?xX|W0|lBf(RsWXcy5j5K~3@Sdba;!)Yi#M>Jv$d3~Q7)G)+O#dEmn{vT(y({2)iY5rm8g`m
zcBD1lr9{wi>(1JL8sIy6R?LdPqQ_sfT+(dXssSJq8^&9X)tCdjW2;K@-1K`k+3i_0WGSS(;E}2n57<`T(H<Gbug|jimdi7;jDKr?=S)^$Ea7R
`zbK4qbuDpovi3A{xjk;=Ci4ovn4$!gf0xMH!|=oxU2oMq%U_OrZ7OPt}wAI;V+UXzbQJd9Uj^yz!sOSD6Lf}-!oS(KryMMGprIa3@(%_5wOs(
Yd3$Qk)tB5`!As`NHEp0TQOBFkF|TNYOtm#5VT0Nb1!}`{3F+{sxadesiM%dnjnU+O|Uz$voLq7b+G`Zl%rv&zp$CGBCGGI>9C-x^{6f}w5j?s
3aAAukS!%E!!QRbZ!`ThFs*Yd?kA-&UNb-_`>tU#K&jBJ)v7tA88Bw90xlLTV={^{<RSE?H82{m{4?GzEi8euK&=9=4y<c1GpT=|Ga!>Ltt=HT
wXJ=x{4RW>iYn%zge*d<$+0pk_O7<Btez*bl&J?94ze*Yk{m@SHYd9*L9vf7TBHQBv9npN7oiBY{VCruRG`u#<)c+EJhI_0!m@NJZYxl++NpXc
v#ubtLofF(>Y+`n#wb!H7pYL5FtXpM(=n2zPp*8dV4A-r3?+&)VJ(xeb1|PV#IxTiX|WWq)H9nY2(p8({V~8YDkh06J|}E1qOj$XNVY8~KCl|G
I49dM)~$c6?K1483@quYy{xOPaIM?1`z?2|Ijm=?da#8pPpNq<K(UIgv8g{SbE^cYt}rt(+ZMz##4;r)hNg5X5ioT%0HzSIqbk`i!mnyDbD(B2
{;T#ZIW5L2A1QK|R-{-jYB2*DKBE(?jj=_t7AQ$5APhdRm@H$aAFUBAPbwLn)}KQws4USfeyjng5}&~=p)cH)mM~<q%d(9rD=jpz3>c%R87c@Q
|D}N_L$0Q$&n!%pFfMJb7o5(s9<If$Dy_M(WGEIgSTBGoBCJ0lX0bvr;V%uT;xQMl_o{@Ewy8cK;4D(BDzA>C`LC8LjIEF!8!k?)XE7|PkE+0}
oG6Vk4<~~#l&Gz%?<>NZ=CtdpS24S;8L)yVJ|a!6$}{#cD5u>oZl{i{b}VPA&8(d$r7%J#f|>O(nX)CY<1&w|oGaodD<--oZK;Q>+%);CFENa!
%Bph|yBr~~F|m!A1Fe%TkF1KVXfDGpdn}bQ`7ZFOEU$y9JTIBApC*{Ic`ZIK^{}ikNi3r=EUgSMh$?lWR3&yUL9D;6wJ<iXF09e7OtC$(^{e?N
xTv3_&!tTzQZ4f>I4935Unp2H=qijZC$3l_)vIPOhb@AzWg%^>;iw3!P&2Hn_$uirEG>d7)2Nf39h&zjJS2s!FfqKSdko>U4JqX=wXQlZWvY2D
kE-`EzpI-tB(b6)8ZMV77&61Ke5?$joh#s++9;^9vaD<x^`UMrm9UnuEiav>l`aCRGc2sB6Rcz|1}<MGJtY_<$SZp+2eh@Y%PkqMc(ltc=_p+>
kuz2+HmMXY>!~EGmLBb*UomO0urUcO*(<6q_^=EzFE3{(q^MIby)1L3(xt4aSu!@TA*+xk^Q;Xpr7c1zps+HlNvu<#U?-}vDKSbZ`z|iASf`4w
Pqb$*`<Owq%&G{mO)fwv(W+4`g)Blb<gNF!`y;}oA}m5Ksi(rRFe|pJVXC_z2C;aPAgzj{*reyMJFS^4b1ywCZze}D=pH07kS=U7Tdeb*)3A&j
w<nRU${O^igqY;A?kz1Yy)1kt$f}_wt)xP*X00@>7bhkyWT$_v!L9<d3b0P8s;#0e4X#PA{I1C}pe<b`tg)G<#HS#vdNSCoW15Mpu_^wpO)W&M
UavnXT$v1|k+fr#oGFN(?<=$=;G~Kv#HFbwFtBDQ|1D{)<|;g`l_jVvZ7*Z3u(Tm5^{Lq?_b-Md+o#+u6eYkSXdN%9;4<?dsxXT$zpErF)+)0p
z^34$U97Y)R4}G3E3bth{3L3I#xNHjcc(2d87iJIRIv!M5GnZ`|0ay6C^0*#3NWp+Sgu^L9<eJaQyc58%AdZiL@F#KL8WprBr+o`EU`hdG%seb
Co)tjTPW17<S?(Q*{$m-?yq|r)2U#uaVNm4EvA_#BQ3Km2`A?)N~KOPDk54j4jenJqp#Jh2`k<zjVf;>J*vR5_bd)DJ}am!Gp-J%;4Cwx=&N(A
pepC8;jyx%Y^`gn>aWV8E2zk->!um5q_2-OudINbX|4^aax15%k1*)3dM#}vnXQGg*sLn8bE^%ohbM2U6S4j;uc_sz-ze6rlcwmawXH^~$FWPS
j4}7Jt1phMT{P6GCMb-U3A8V#;x45i%__{S_bL{cqcFvs?J!;}Mljbbzb9`m=ol|1p)i1`h$b|w04$O!+b`p;pDpq(WT$T^^DsQGX{?Gc9G_t<
YqCZ$l`gv{3@I!zd?>gfK`?i*POq@5n5!kG?k#^Bza_J&oiLP}dn}tW93uHAd9kvrkT74T@G{?|%`ZJLW-@1`G$pSu?5?G&GAdiJQXrx*L@Yfl
2q<kKXs7@&-Ke!N!7l4CF{pH~RIJ*l-YYgMA1F^H!6zE1peZh(grYDpdm^J8h%Xu_M5))OZY0RAvaBtpnXqD}bgoD!t1S?$L7{4>XDCNBoU$gP
SFpJ-mK?L4Wht2`kua^ADz1UCb|#o8+%ZJ4nj_ntU#+6B`LKH?nkn3!hMxzkU9KRkv!Wa&6E57UYAg(`=QXagw<xACORRvYEh>01r!LQ>LM?!%
xGY;Sbuxo1Y^ZT8VI%c0Q?Vbb1Th|}wJ)`;=^|n<I;LPNe=3$N#x4o0xh^p(7cAu_d@$%REVjBe=^h}Y#<Ax=ceD+-le?z7LpljLel@|i(m9bk
0z47AWUpa9(z%wkdo-6W0k?QK06K)QH9R*o_9_LuOFH15ExGlr5xfUG7Oye1aIHlyeW`e}8K){ei8z)t!?r0o@VTqB3bEBUj60MzF)Ty8e>%Ie
1t{A%>NV@G`nDoAiM>j<H!Z2X#x#6Aj4v6vguC;&w==ReNVE^R!aet_VZDR8`Z-`VSUyiWo+)7;cqJ~o>ag@L61cQB?={RgKBl~^PB_Inayk>M
7`EB8CpUh(da<xE7&b&SX0tyza5wk34X&m*Be)nZo;L3;OSW^kVm7rdSFklW3bFvUGCWSTNx05AL%oYKj5cyOXfSaq>N++xGPor;BDi-sXEqzU
gDyTlCAf$<-nRy}7%oF9<TPk9!!zqQ*||<Qp(z@<bvd-Ob;F53<-F1%54-rj8axxg(mwpIud?~V=(lu7?>q*-r@pPc6}`~CmpxlNwLK-ie?1t!
<vhK;k-YsqOtk
"""
